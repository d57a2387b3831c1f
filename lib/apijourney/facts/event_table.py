"""How is a table of events read, whoever brings it?

Unit: a column. Pandas, Arrow and Ibis tables are taken alike; instants become microseconds UTC, text is coded on the
way. What a row means, and whose it is, is not decided here.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError


def instant(value, name: str = "instant") -> int | None:
    """Read an instant as microseconds UTC: text, a timestamp (naive = UTC), or microseconds.

    >>> instant("1970-01-01T00:00:01"), instant(5), instant(None)
    (1000000, 5, None)
    """
    if value is None or (isinstance(value, int | np.integer) and not isinstance(value, bool)):
        return None if value is None else int(value)
    try:
        stamp = pd.Timestamp(value)
        if pd.isna(stamp):
            raise ValueError
        stamp = stamp.tz_localize("UTC") if stamp.tz is None else stamp
        return int(stamp.asm8.astype("datetime64[us]").astype("int64"))
    except (ValueError, TypeError, AttributeError):
        raise WorkbookError(
            f'{name}: "{value}" is no instant; write it as "2026-11-01T00:00:00" (UTC).'
        ) from None


def as_frame(table, what: str, needed: tuple[str, ...]) -> pd.DataFrame:
    """Bring any table into pandas, with text coded on the way."""
    if not isinstance(table, pd.DataFrame):
        if hasattr(table, "to_pyarrow"):
            table = table.to_pyarrow()
        if not hasattr(table, "combine_chunks"):
            raise WorkbookError(
                f"{what}: expected a pandas, Arrow or Ibis table, not {type(table).__name__}."
            )
        table = _arrow_to_pandas(table)
    for name in needed:
        if name not in table.columns:
            raise WorkbookError(
                f'{what}: no column "{name}"; it has {", ".join(map(str, table.columns))}.'
            )
    return table


def _arrow_to_pandas(table) -> pd.DataFrame:
    import pyarrow as pa

    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    for i, column in enumerate(table.schema):
        if any(is_text(column.type) for is_text in text):
            values = table.column(i)
            if pa.types.is_string_view(column.type):
                values = values.cast(pa.large_string())
            table = table.set_column(i, column.name, values.dictionary_encode())
    return table.unify_dictionaries().to_pandas()


def micros(frame: pd.DataFrame, name: str, what: str, *, nulls: bool = False) -> np.ndarray:
    try:
        column = frame[name]
        if not pd.api.types.is_datetime64_any_dtype(column.dtype):
            column = pd.to_datetime(pd.Series(column.astype("str").array), utc=True, format="ISO8601")
        elif column.dt.tz is not None:
            column = column.dt.tz_convert("UTC")
    except (ValueError, TypeError):
        raise WorkbookError(
            f'{what}: column "{name}" holds a value that is no timestamp; '
            'write instants as "2026-10-01T12:00:00" (UTC).'
        ) from None
    if not nulls and column.isna().any():
        raise WorkbookError(f'{what}: column "{name}" is empty in {int(column.isna().sum())} rows.')
    if column.dt.tz is not None:
        column = column.dt.tz_localize(None)
    if column.dt.unit == "ns" and (finer := int((column.dt.nanosecond % 1000 > 0).sum())):
        raise WorkbookError(
            f'{what}: column "{name}" has parts of a microsecond in {finer} rows; round it to microseconds '
            "before, so that no order is lost unseen."
        )
    return column.to_numpy().astype("datetime64[us]").astype("int64")


def coded_text(column: pd.Series, name: str) -> pd.Categorical:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.array
    try:
        codes, values = pd.factorize(column, sort=False)
    except TypeError:
        raise WorkbookError(
            f'events: column "{name}" holds nested values; give each property its own column.'
        ) from None
    return pd.Categorical.from_codes(codes.astype(np.int32), pd.Index(values))
