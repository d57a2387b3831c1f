"""Not measurable: an answer that says what to add, and passes through everything built on it."""

import pytest

from apijourney.measurable import NotMeasurable, needs, passes_on


class Study:
    """Stands for a study that has only some tables."""

    def __init__(self, *tables):
        self.tables = tables

    def lacks(self, *needs):
        return [t for t in needs if t not in self.tables]


MISSING = NotMeasurable("MRR", "add invoices.")


def test_it_reads_as_what_and_why():
    assert str(MISSING) == repr(MISSING) == "MRR is not measurable: add invoices."


def test_its_page_form_escapes_names():
    assert "<b>" not in NotMeasurable("<b>", "a & b")._repr_html_()
    assert "&lt;b&gt;</strong> is not measurable: a &amp; b" in NotMeasurable("<b>", "a & b")._repr_html_()


def test_a_function_hands_it_on_without_running():
    ran = []
    work = passes_on(lambda *args, **kwargs: ran.append(args))
    assert work(1, MISSING) is MISSING and work(table=MISSING) is MISSING
    assert ran == []
    work(1)
    assert ran == [(1,)]


def test_a_question_without_its_table_says_which_and_how_to_add_it():
    @needs("invoices", what="Revenue")
    def revenue(study):
        return 1

    assert revenue(Study("invoices")) == 1
    assert str(revenue(Study())) == (
        'Revenue is not measurable: the table "invoices" is not there; add invoices.parquet, .csv or .jsonl '
        "to the source folder, or map it under tables.invoices in the workbook file."
    )


def test_two_missing_tables_are_named_together_and_a_question_by_its_function():
    @needs("requests", "accounts")
    def first_success_rate(study):
        return 1

    answer = first_success_rate(Study())
    assert answer.what == "first success rate"
    assert answer.reason == (
        'the tables "requests" and "accounts" are not there; add requests.parquet and accounts.parquet (or .csv, '
        ".jsonl) to the source folder, or map them under tables.requests and tables.accounts in the workbook file."
    )
    assert first_success_rate(Study("requests")).reason.startswith('the table "accounts" is not there')
    assert first_success_rate.needs == ("requests", "accounts")


def test_an_answer_given_as_an_argument_wins_over_the_work():
    @needs("requests")
    def shares(study, table):
        raise AssertionError("must not run")

    assert shares(Study("requests"), MISSING) is MISSING


def test_a_real_error_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        passes_on(lambda x: 1 / x)(0)
