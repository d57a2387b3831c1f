"""The monthly report: every notebook run unattended, and one page made of them.

Unit: one company and one month. A report appears whole or not at all: notebooks run in a folder of
their own, the page is built aside, and a rename puts it in place. It computes no metric itself.
"""
