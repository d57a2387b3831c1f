"""What happens to a question whose data are not there?

It gets the answer "not measurable", with what to add, and passes it on: a figure of it is a note,
a sentence about it is silent, and nothing crashes. `NotMeasurable` is that answer; `passes_on`
makes a function hand it through instead of working on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from html import escape


@dataclass(frozen=True)
class NotMeasurable:
    """The answer to a question the data cannot carry.

    what : the question or metric, as a reader knows it
    reason : what is missing, and what to add, in one sentence
    """

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what} is not measurable: {self.reason}"

    def _repr_html_(self) -> str:
        return (
            f'<p class="not-measurable"><strong>{escape(self.what)}</strong> is not measurable: '
            f"{escape(self.reason)}</p>"
        )

    def __repr__(self) -> str:
        return str(self)


def passes_on(function: Callable) -> Callable:
    """Let a function return the first `NotMeasurable` among its arguments instead of running.

    Arguments that are dictionaries are looked into.

    >>> double = passes_on(lambda table: table * 2)
    >>> double(2), double(NotMeasurable("MRR", "add invoices."))
    (4, MRR is not measurable: add invoices.)
    """

    @wraps(function)
    def guarded(*args, **kwargs):
        for value in (*args, *kwargs.values()):
            for inner in value.values() if isinstance(value, dict) else (value,):
                if isinstance(inner, NotMeasurable):
                    return inner
        return function(*args, **kwargs)

    return guarded


def needs(*tables: str, what: str = "") -> Callable:
    """Let a function of a study answer "not measurable" when the study lacks what it needs.

    tables : canonical tables, the name of a definition ("active") that reads some, or a column that
        some row must fill ("requests.status")
    what : the question as a reader knows it; the function's name by default
    """

    def decorate(function: Callable) -> Callable:
        name = what or function.__name__.replace("_", " ")

        @wraps(function)
        def guarded(study, *args, **kwargs):
            lacking = study.lacks(*tables)
            if lacking:
                return NotMeasurable(name, _begins_later(lacking, study) or _what_to_add(lacking))
            return passes_on(function)(study, *args, **kwargs)

        guarded.needs = tables
        return guarded

    return decorate


def _begins_later(lacking: list[str], study) -> str:
    """The sentence on tables that are there, and whose rows all came after the month; empty where none is."""
    later = [f'"{t}"' for t in lacking if t in study.tables]
    if not later:
        return ""
    which = f"the table {later[0]} has" if len(later) == 1 else f"the tables {_listed(later)} have"
    return f"{which} no row before the end of {study.month}; add what was recorded before, or choose a later month."


def _what_to_add(tables: list[str]) -> str:
    columns = [t.split(".") for t in tables if "." in t]
    if columns:
        table = columns[0][0]
        empty = " and ".join(f'"{column}"' for _, column in columns)
        return (
            f'no row of "{table}" fills {empty}; map what the source has for it under tables.{table}.columns in '
            "the workbook file."
        )
    if len(tables) == 1:
        (table,) = tables
        return (
            f'the table "{table}" is not there; add {table}.parquet, .csv or .jsonl to the source folder, or map it '
            f"under tables.{table} in the workbook file."
        )
    names = _listed([f'"{t}"' for t in tables])
    files = _listed([f"{t}.parquet" for t in tables])
    return (
        f"the tables {names} are not there; add {files} (or .csv, .jsonl) to the source folder, or map them under "
        f"{_listed([f'tables.{t}' for t in tables])} in the workbook file."
    )


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
