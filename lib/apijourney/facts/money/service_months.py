"""Which months does a revenue line pay for, and how much of it belongs to each?

Unit: a line of an invoice, laid into service months. A line with a service period covers
k = max(1, its length in months, rounded) calendar months from that of service_start. Its amount is
split evenly in whole cents, the remainder going to the earliest months, so the parts add up to the
line. A line without a period belongs to the local month of its issue (a credit or refund may first be given one, see
`undated_credits`). It does not say what recurs.
"""

import numpy as np
import pandas as pd

from apijourney.facts.money.months import local_dates

_DAYS_A_MONTH = 365.2425 / 12


def laid_out(counted: pd.DataFrame, *, timezone: str = "UTC") -> pd.DataFrame:
    """Lay counted lines into the months they pay for.

    Parameters
    ----------
    counted : from `counted_lines`, with issued_at (UTC) and, where known, service_start and
        service_end (local dates, end excluded) and continues (bool: the rest of another row). Its index must be unique.
    timezone : the zone whose calendar months count.

    Returns
    -------
    One row a line and month: line (the index of the line), month (numbered from January 1970), minor
    (int64), opens (bool: the first month of the line).
    """
    first, covered = service_months(counted, timezone)
    row, month, minor = split_evenly(counted["counts_minor"].to_numpy("int64"), first, covered)
    opens = np.append(True, row[1:] != row[:-1])[: len(row)]
    if "continues" in counted.columns:
        opens &= ~counted["continues"].to_numpy(bool)[row]
    return pd.DataFrame({"line": counted.index.to_numpy()[row], "month": month, "minor": minor, "opens": opens})


def split_evenly(amounts: np.ndarray, first: np.ndarray, parts: np.ndarray):
    """Split whole amounts into consecutive months so that the parts add up exactly.

    Returns (row, month, minor) arrays, one entry a part: the amount's row, its month, its share.
    A negative amount is split like its positive twin, so a full credit cancels month by month.

    >>> [x.tolist() for x in split_evenly(np.array([100]), np.array([12]), np.array([3]))]
    [[0, 0, 0], [12, 13, 14], [34, 33, 33]]
    """
    row = np.repeat(np.arange(len(amounts)), parts)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    share, remainder = np.divmod(np.abs(amounts), parts)
    minor = np.sign(amounts)[row] * (share[row] + (nth < remainder[row]))
    return row, first[row] + nth, minor.astype("int64")


def service_months(lines: pd.DataFrame, timezone: str) -> tuple[np.ndarray, np.ndarray]:
    """The first month of each line (numbered from January 1970), and how many months it covers."""
    issued = local_dates(lines["issued_at"], timezone, instants=True)
    start = _optional_dates(lines, "service_start", timezone)
    end = _optional_dates(lines, "service_end", timezone)
    length = (end - start).astype("float64")  # days; NaN where one of the two is null
    length[np.isnat(end) | np.isnat(start)] = 0
    covered = np.maximum(1, np.rint(length / _DAYS_A_MONTH)).astype("int64")
    first = np.where(np.isnat(start), issued, start).astype("datetime64[M]").astype("int64")
    return first, covered


def _optional_dates(lines: pd.DataFrame, column: str, timezone: str) -> np.ndarray:
    if column not in lines.columns:
        return np.full(len(lines), np.datetime64("NaT", "D"))
    return local_dates(lines[column], timezone, instants=False)
