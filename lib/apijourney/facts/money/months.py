"""Which calendar month does a revenue line belong to, and which months are asked for?

Unit: a month, named "2026-10" outside and numbered from January 1970 inside, so that a difference
is a number of months. Instants become local days first; dates are local already.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.localtime import local_time, zone_info


def month_numbers(months: Iterable[str], *, where: str = "months") -> np.ndarray:
    """Number months from January 1970.

    >>> month_numbers(["1970-01", "1971-02"]).tolist()
    [0, 13]
    """
    values = months if isinstance(months, pd.Series) else np.asarray(list(months), dtype=object)
    codes, texts = pd.factorize(values, use_na_sentinel=False)
    texts = np.asarray(texts, dtype=object)
    for text in texts:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(text)):
            raise WorkbookError(f'{where}: "{text}" is not a month; write it as "2026-10".')
    return np.array(texts, dtype="datetime64[M]").astype("int64")[codes]


def month_names(numbers) -> list[str]:
    """Name numbered months (the inverse of `month_numbers`).

    >>> month_names([0, 13])
    ['1970-01', '1971-02']
    """
    return np.asarray(numbers, "int64").astype("datetime64[M]").astype(str).tolist()


def consecutive(months: Iterable[str], *, where: str) -> np.ndarray:
    """Number months that must follow each other without a gap; a gap is an error.

    A change from one month to the next means nothing across a hole.
    """
    numbers = month_numbers(months, where=where)
    if not len(numbers) or (np.diff(numbers) != 1).any():
        raise WorkbookError(
            f"{where}: months must be given in order and without a gap, found {month_names(numbers)}; "
            "list every month from the first to the last."
        )
    return numbers


def local_dates(column: pd.Series, timezone: str, *, instants: bool) -> np.ndarray:
    """Give each value's local day.

    Parameters
    ----------
    column : dates, naive timestamps or zoned timestamps; may hold nulls.
    timezone : the company's zone, an IANA name.
    instants : True: a naive timestamp is an instant in UTC and moves to the zone. False: it is a
        date that an engine widened to midnight, and stays where it is.

    Returns
    -------
    datetime64[D] array, NaT where the value is null.
    """
    zone_info(timezone)
    values = column.dropna()
    plain = column.dtype == object and all(
        isinstance(v, date) and not isinstance(v, datetime) for v in values
    )
    arrow_dates = str(column.dtype).startswith("date32")
    if plain or arrow_dates:
        return _days(pd.to_datetime(column.astype(object)))
    zoned = isinstance(column.dtype, pd.DatetimeTZDtype)
    if instants or zoned:
        return _days(local_time(column, timezone))
    return _days(pd.to_datetime(column))


def _days(timestamps: pd.Series) -> np.ndarray:
    return timestamps.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
