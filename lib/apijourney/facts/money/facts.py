"""The facts of money: what each account brings and costs, by month, in the reporting currency.

In: the invoices or costs of some months, and the rates. Out: one row an account, month and kind. As
in every fact, `received_day` is the local day from which the row is known: that of issue, or the
last of a month whose costs are booked.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from apijourney.facts.endpoints import NO_PRODUCT, product_of
from apijourney.facts.money.currency import missing_rates, no_rates, to_reporting_currency
from apijourney.facts.money.lines import TAKES_AWAY, counted_lines
from apijourney.facts.money.months import local_dates, month_names, month_numbers
from apijourney.facts.money.service_months import laid_out
from apijourney.workbook import Workbook


_TEXT, _COUNT = pa.string(), pa.int64()
SCHEMAS = {
    "revenue": pa.schema({
        "account_id": _TEXT, "month": _TEXT, "kind": _TEXT, "taken_off": pa.bool_(), "product": _TEXT,
        "received_day": pa.date32(), "minor": _COUNT, "lines": _COUNT,
    }),
    "cost": pa.schema({
        "month": _TEXT, "category": _TEXT, "account_id": _TEXT, "endpoint": _TEXT, "product": _TEXT, "channel": _TEXT,
        "received_day": pa.date32(), "minor": _COUNT,
    }),
}  # fmt: skip


def month_of_issue(invoices: pd.DataFrame, workbook: Workbook) -> pd.Series:
    """The local month each line was issued in, "2026-10": the month its fact is kept under."""
    days = local_dates(invoices["issued_at"], workbook.timezone, instants=True)
    return pd.Series(days.astype("datetime64[M]").astype(str), index=invoices.index)


def revenue(invoices: pd.DataFrame, rates: pd.DataFrame, workbook: Workbook, *, label: str) -> pd.DataFrame:
    """What did each account bring, of which kind, for which month, billed on which day?

    Parameters
    ----------
    invoices : clean lines. A line without a currency is in the reporting currency; one without a
        kind is a one-off sale. rates : of `fx_rates`, may be empty. label : the source, for errors.

    Returns
    -------
    One row an account_id, month (paid for, "2026-10"), kind (subscription, usage, one_off; null for a
    credit that does not say what it credits), taken_off (bool: credits and refunds), product and
    received_day (of issue): minor (int64; negative where taken off), lines (how many lines begin
    here, so that lines add up over months).

    Raises
    ------
    WorkbookError : an unknown kind or currency, or a missing rate.
    """
    lines = _billed(invoices, workbook)
    taken_off = lines["kind"].isin(TAKES_AWAY)
    lines = _converted(lines, rates, workbook)
    counted = counted_lines(lines, where=label)
    parts = laid_out(counted, timezone=workbook.timezone)
    of = counted.loc[parts["line"]].reset_index(drop=True)
    days = local_dates(of["issued_at"], workbook.timezone, instants=True)
    table = pd.DataFrame(
        {
            "account_id": of["account_id"].astype("str"), "month": month_names(parts["month"]),
            "kind": of["counts_as"].astype("object"), "taken_off": taken_off.to_numpy()[parts["line"]],
            "product": of["product"].astype("object").fillna(NO_PRODUCT), "received_day": days.astype("datetime64[s]"),
            "minor": parts["minor"].to_numpy("int64"), "lines": parts["opens"].to_numpy("int64"),
        }
    )  # fmt: skip
    keys = ["account_id", "month", "kind", "taken_off", "product", "received_day"]
    return table.groupby(keys, dropna=False, as_index=False).sum()


def cost(costs: pd.DataFrame, rates: pd.DataFrame, workbook: Workbook, *, label: str) -> pd.DataFrame:
    """What was spent on what in each month, and on whom, where the books say so?

    A cost is converted at the rate of its month's first day, and is known when its month is over.

    Returns
    -------
    One row a month, category, account_id, endpoint, product (of the endpoint), channel (null where the
    books name none): received_day (the month's last), minor (int64).
    """
    month_numbers(costs["month"], where=f"{label}: month")
    lines = _converted(_booked(costs, workbook), rates, workbook)
    ends = (lines["month"].to_numpy("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    product = {path: product_of(path, workbook) for path in lines["endpoint"].dropna().unique()}
    lines["product"] = lines["endpoint"].map(product).astype("object").fillna(NO_PRODUCT)
    keys = ["month", "category", "account_id", "endpoint", "product", "channel"]
    table = lines[keys].astype("object").assign(received_day=ends.astype("datetime64[s]"), minor=lines["reporting_minor"])
    return table.groupby([*keys, "received_day"], dropna=False, as_index=False).sum()


def check_rates(tables: dict[str, tuple[str, pd.DataFrame]], rates: pd.DataFrame, workbook: Workbook, *, label: str) -> None:
    """Refuse lines that cannot be converted, all of all tables at once, before any of them is.

    tables : "invoices" and "costs", those that are there → the file and its clean lines.
    rates : of `fx_rates`, may be empty. label : its file, empty where there is none.

    Raises
    ------
    WorkbookError : names every currency and month without a rate, the file, and a line to add.
    """
    rates = rates if len(rates) else None
    missing, askers = set(), []
    for name, (file, rows) in tables.items():
        lines = _billed(rows, workbook) if name == "invoices" else _booked(rows, workbook)
        of_table = missing_rates(
            lines, rates, currency=workbook.currency, timezone=workbook.timezone, label=label or "fx_rates"
        )
        missing |= of_table
        askers += [file] if of_table else []
    if missing:
        raise no_rates(missing, workbook.currency, label=label, needed_by=" and ".join(askers))


def _billed(invoices: pd.DataFrame, workbook: Workbook) -> pd.DataFrame:
    lines = invoices.reset_index(drop=True)
    return lines.assign(currency=lines["currency"].fillna(workbook.currency), kind=lines["kind"].fillna("one_off"))


def _booked(costs: pd.DataFrame, workbook: Workbook) -> pd.DataFrame:
    """Costs as lines of their month's first day, at noon UTC: the same day in nearly every zone."""
    lines = costs.reset_index(drop=True)
    return lines.assign(
        currency=lines["currency"].fillna(workbook.currency), issued_at=pd.to_datetime(lines["month"] + "-01T12:00")
    )


def _converted(lines: pd.DataFrame, rates: pd.DataFrame, workbook: Workbook) -> pd.DataFrame:
    return to_reporting_currency(
        lines, rates if len(rates) else None, currency=workbook.currency, timezone=workbook.timezone
    )
