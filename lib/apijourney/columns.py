"""Has a table the columns a metric needs?

Unit: a table. It checks names, not values: values are checked where the data come in.
"""

from collections.abc import Iterable

from apijourney.errors import WorkbookError, did_you_mean


def required(table, columns: Iterable[str], *, where: str):
    """Return the table when every column is there, else say in one sentence which is not.

    Parameters
    ----------
    table : a pandas frame or an Ibis table.
    columns : names that must be there.
    where : function and argument, as the caller knows them: "availability(daily)".

    >>> import pandas as pd
    >>> required(pd.DataFrame({"statuss": [200]}), ["status"], where="availability(daily)")
    Traceback (most recent call last):
    apijourney.errors.WorkbookError: availability(daily): column "status" is missing; did you mean "statuss"? Add or rename it.
    """
    present = list(table.columns)
    for column in columns:
        if column not in present:
            hint = did_you_mean(column, present)
            raise WorkbookError(f'{where}: column "{column}" is missing; {hint} Add or rename it.')
    return table


def names(by: str | Iterable[str]) -> list[str]:
    """Read one column name or several as a list.

    >>> names("month"), names(("month", "endpoint"))
    (['month'], ['month', 'endpoint'])
    """
    return [by] if isinstance(by, str) else list(by)
