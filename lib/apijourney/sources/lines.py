"""How are the lines of a text file read, whatever they hold?

Unit: a line. Nothing in it is a separator, a quotation mark or a comment.
"""

import re

import duckdb
from ibis.expr.types import StringColumn, Table

_NEVER = "\x1f\x1e\x1f\x1e"  # the reader wants a separator: one that no line holds


def read_lines(con, paths: list[str], view: str, **more: str) -> Table:
    """Read text files, also gzipped ones, as an Ibis table with one column `line`.

    more : further options of the engine's reader, such as filename="_file", a column with the file's name.
    A file that is not UTF-8 is read as Latin-1, in which every byte is a character: one odd byte of a
    stranger's browser must not hide a whole log.
    """
    options = {
        "columns": {"line": "VARCHAR"}, "header": False, "delim": _NEVER, "quote": "", "escape": "",
        "auto_detect": False, "strict_mode": False,  # strictly read, a stray carriage return stops it
        **more,
    }  # fmt: skip
    lines = con.read_csv(paths, table_name=view, **options)
    try:
        lines.line.count().execute()
    except duckdb.Error as error:
        if "utf-8" not in str(error):
            raise
        lines = con.read_csv(paths, table_name=view, encoding="latin-1", **options)
    return lines


def without_names(pattern: str) -> str:
    """Write a regular expression without the names of its groups."""
    return re.sub(r"\(\?P<\w+>", "(", pattern)


def group(text: StringColumn, pattern: str, name: str) -> StringColumn:
    """What one named group of a regular expression matched; "" where there is no match.

    The engine counts groups and knows nine at most, so the other named ones are not counted.
    """
    alone = re.sub(rf"\(\?P<(?!{name}>)\w+>", "(?:", pattern)
    return text.re_extract(without_names(alone), re.compile(alone).groupindex[name])
