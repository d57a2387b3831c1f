"""Which way does a revenue line count, and for which kind of revenue?

Unit: a line of an invoice. A credit or a refund takes away, however its sign was written; it
belongs to the kind it credits. It does not say when a line counts: see `recurring_revenue`.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.columns import required

CHARGES = ("subscription", "usage", "one_off")
TAKES_AWAY = ("credit", "refund")


def counted_lines(lines: pd.DataFrame, *, where: str) -> pd.DataFrame:
    """Say for every line what it adds to which kind of revenue.

    Parameters
    ----------
    lines : one row a line: account_id, reporting_minor (whole minor units of the reporting
        currency), kind, and credits_kind if any line is a credit or a refund.
    where : the asking function, for the error.

    Returns
    -------
    The same rows with two columns more: `counts_minor` (int64; negative for a credit or refund) and
    `counts_as` (subscription, usage, one_off; null for a credit that does not say what it credits).

    Raises
    ------
    WorkbookError : an unknown kind, or money that is not whole minor units.

    >>> lines = pd.DataFrame({"account_id": ["a", "a"], "reporting_minor": [900, 100],
    ...     "kind": ["usage", "credit"], "credits_kind": [None, "usage"]})
    >>> counted_lines(lines, where="example")[["counts_as", "counts_minor"]]
      counts_as  counts_minor
    0     usage           900
    1     usage          -100
    """
    required(lines, ["account_id", "reporting_minor", "kind"], where=where)
    minor = whole_minor(lines["reporting_minor"], where=where)
    kind = lines["kind"].astype(object)
    _known(kind, CHARGES + TAKES_AWAY, "kind", where)
    away = kind.isin(TAKES_AWAY)
    if away.any():
        required(lines, ["credits_kind"], where=where)
        credited = lines["credits_kind"].astype(object)
        _known(credited[away & credited.notna()], CHARGES, "credits_kind", where)
        kind = kind.where(~away, credited)
    return lines.assign(counts_minor=np.where(away, -np.abs(minor), minor), counts_as=kind)


def whole_minor(amounts: pd.Series, *, where: str) -> np.ndarray:
    """Read money as int64 minor units; a fraction or a null has no place there."""
    if amounts.isna().any() or not (len(amounts) == 0 or pd.api.types.is_integer_dtype(amounts)):
        raise WorkbookError(
            f'{where}: "{amounts.name}" must be whole minor units (cents) without nulls, found '
            f"{amounts.dtype}; convert it where the table is read."
        )
    return amounts.to_numpy(dtype="int64")


def _known(values: pd.Series, allowed: tuple[str, ...], kind: str, where: str) -> None:
    for value in values.unique():
        if value not in allowed:
            raise unknown(kind, value, allowed, where=where)
