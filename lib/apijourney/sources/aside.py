"""Which rows of a source does the workbook file leave out, and which could not be read?

Unit: a row of the source. The gate counts them; nothing is dropped here.
"""

from collections.abc import Callable

import ibis
from ibis.expr.types import Table

from apijourney.errors import unknown
from apijourney.sources.values import as_text

MISFIT = "line does not fit the format"
LEFT_OUT = "left out by"
BLANK = "left out: a line without any value"


def put_aside(
    raw: Table, *, where: dict, exclude: dict, is_log: bool, place: Callable[..., str], is_csv: bool = False
) -> Table:
    """Add the column `_aside`, why a row is not to be used (null = it is), where there are rules.

    where, exclude : see `TableSource`. is_log : each line was parsed, and says in `rejected` why it could not be.
    place : says where in the workbook file a setting of this table stands. is_csv : a spreadsheet may have left lines
        of nothing but separators.
    """
    rules = []
    if is_log:
        rules.append((raw.rejected.notnull(), MISFIT))
    if is_csv:
        nothing = [raw[c].fill_null("").strip() == "" for c in raw.columns if not c.startswith("_")]
        rules.append((ibis.and_(*nothing), BLANK))
    for setting, columns in (("where", where), ("exclude", exclude)):
        for column in columns:
            if column not in raw.columns:
                raise unknown(
                    "column", column, raw.columns, where=place(setting, column)
                )  # fmt: skip
    for column, value in where.items():
        wanted = [as_written(v) for v in (value if isinstance(value, list) else [value])]
        rules.append((~as_text(raw[column]).isin(wanted).fill_null(False), f"{LEFT_OUT} where.{column}"))
    for column, pattern in exclude.items():
        found = as_text(raw[column]).re_search(pattern).fill_null(False)
        rules.append((found, f"{LEFT_OUT} exclude.{column}"))
    return raw.mutate(_aside=ibis.cases(*rules, else_=ibis.null("string"))) if rules else raw


def as_written(value) -> str:
    """A value of the workbook file as the text that stands in a source."""
    return str(value).lower() if isinstance(value, bool) else str(value)
