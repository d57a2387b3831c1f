"""Is what accounts are billed for use what they used?

Unit: an account in a month. Calls are metered from the log, usage is billed by invoice. Prices are those of the tariff
in the workbook file; without one they are read off the bills themselves, see `call_prices`. Accounts that pay for use
but got no bill for their calls are in it. A gap may be a mistake in the bill, a discount of one account, or a call the
log lost: it says where to look, not who is right.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.money.months import local_dates
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import ratio
from apijourney.metrics.business.ledger import billed, usage_comes_late
from apijourney.metrics.business.call_prices import prices_by_month
from apijourney.metrics.business.serving import use_of_endpoints
from apijourney.metrics.business.tariff import worth_by_tariff
from apijourney.metrics.registry import catalogued

LEAST_GAP = 0.01
_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


def metered_against_billed(
    calls: pd.DataFrame,
    bills: pd.DataFrame,
    *,
    prices: Mapping[str, float] | None = None,
    worth: pd.DataFrame | None = None,
    unbilled: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What should each account have been billed for its calls, and what was it billed?

    Parameters
    ----------
    calls : month, account_id, endpoint, calls: billable calls (successful, production).
    bills : month (of service), account_id, currency, minor: usage lines, credits not taken off.
    prices : endpoint → minor units a call, in every month and currency; an endpoint without a price is free. By default
        they are read off the bills, month by month and currency by currency, see `prices_by_month`.
    worth : month, account_id, currency, worth_minor: what calls cost by a tariff, which goes before prices read off
        bills of the same currency; from `worth_by_tariff`.
    unbilled : month, account_id, currency of accounts that should have a bill and have none.

    Returns
    -------
    One row an account, month and currency with a usage bill, or in `unbilled`: month, account_id, currency, calls, bill
    (bool: is there one), billed_minor (int64, in the currency of the bill; 0 without one), metered_minor (float: calls ×
    prices; NaN where the prices cannot be told), gap_minor = billed − metered, gap_share = gap_minor / metered_minor
    (NaN where nothing was metered; then everything billed is gap).

    >>> calls = pd.DataFrame({"month": ["2026-10"], "account_id": ["a"], "endpoint": ["/x"], "calls": [10]})
    >>> bills = pd.DataFrame({"month": ["2026-10"], "account_id": ["a"], "currency": ["EUR"], "minor": [33]})
    >>> metered_against_billed(calls, bills, prices={"/x": 3})[["billed_minor", "metered_minor", "gap_share"]]
       billed_minor  metered_minor  gap_share
    0            33           30.0        0.1
    """
    required(calls, ["month", "account_id", "endpoint", "calls"], where="metered_against_billed(calls)")
    required(bills, ["month", "account_id", "currency", "minor"], where="metered_against_billed(bills)")
    keys = ["month", "account_id"]
    used = calls.groupby([*keys, "endpoint"])["calls"].sum().unstack(fill_value=0)
    table = bills.groupby([*keys, "currency"])["minor"].sum().rename("billed_minor").reset_index().assign(bill=True)
    if unbilled is not None and len(unbilled):
        missing = unbilled[[*keys, "currency"]].assign(billed_minor=0, bill=False)
        table = pd.concat([table, missing], ignore_index=True)
    grid = used.reindex(pd.MultiIndex.from_frame(table[keys]), fill_value=0).reset_index(drop=True)
    table["calls"] = grid.sum(axis=1).astype("int64")
    metered = np.full(len(table), np.nan)
    for currency, rows in table.groupby("currency"):
        at = rows.index
        if prices is not None:
            metered[at] = _worth(grid.loc[at], pd.DataFrame(dict(prices), index=rows["month"]).reindex(columns=grid.columns).fillna(0))
        elif worth is not None and (worth["currency"] == currency).any():
            said = worth[worth["currency"] == currency].set_index(keys)["worth_minor"]
            metered[at] = said.reindex(pd.MultiIndex.from_frame(rows[keys]), fill_value=0.0).to_numpy(float)
        elif rows["bill"].any():
            own = at[rows["bill"]]
            found = prices_by_month(grid.loc[own], table.loc[own, "billed_minor"], table.loc[own, "month"])
            metered[at] = _worth(grid.loc[at], found.reindex(rows["month"]))
    table["metered_minor"] = metered
    table["gap_minor"] = table["billed_minor"] - table["metered_minor"]
    table["gap_share"] = (table["gap_minor"] / table["metered_minor"]).where(table["metered_minor"] > 0)
    columns = [*keys, "currency", "calls", "bill", "billed_minor", "metered_minor", "gap_minor", "gap_share"]
    return table.sort_values([*keys, "currency"], ignore_index=True)[columns].astype({"billed_minor": "int64", "bill": bool})


def _worth(calls: pd.DataFrame, prices: pd.DataFrame) -> np.ndarray:
    """Calls times prices, row by row; NaN where a row holds calls without a price, or its month has none."""
    n, price = calls.to_numpy(float), prices.to_numpy(float)
    unknown = ((n > 0) & np.isnan(price)).any(axis=1) | np.isnan(price).all(axis=1)
    return np.where(unknown, np.nan, (n * np.nan_to_num(price)).sum(axis=1))


@remembered
def billable_calls(study) -> pd.DataFrame:
    """Successful production calls of the observed months: month, account_id, endpoint, calls."""
    use = use_of_endpoints(study)
    use = use[use["account_id"].notna() & (use["billable"] > 0)].reset_index(drop=True)
    return use[["month", "account_id", "endpoint"]].assign(calls=use["billable"].astype("int64"))


@remembered
def usage_bills(study) -> pd.DataFrame:
    """Usage lines known so far, in their own currency: month (of service, else of issue), account_id, currency, minor."""
    lines = study.table("invoices")
    lines = lines[(lines["kind"] == "usage") & lines["account_id"].notna()].reset_index(drop=True)
    starts = local_dates(lines["service_start"], study.zone, instants=False)
    issued = local_dates(lines["issued_at"], study.zone, instants=True)
    month = np.where(np.isnat(starts), issued, starts).astype("datetime64[M]").astype(str)
    minor = lines["amount_minor"].astype("int64")
    currency = lines["currency"].fillna(study.workbook.currency)
    table = pd.DataFrame({"month": month, "account_id": lines["account_id"], "currency": currency, "minor": minor})
    return table[table["month"].isin(study.all_months)].reset_index(drop=True)


@remembered
def unbilled_use(study) -> pd.DataFrame:
    """Which accounts that pay for use got no bill for the billable calls of a month?

    The rule. An account pays for use once it has had a usage line. It goes on doing so in a month for which it has a
    subscription, or where it has none, in the month after its last usage line. The reported month is left out while it
    goes on, and where usage is billed after it.

    Returns month, account_id, currency (of its latest usage line before).
    """
    bills = usage_bills(study).sort_values("month", kind="stable")
    rows = study.fact("revenue")
    paid = rows.filter((rows.kind == "subscription") & ~rows.taken_off & rows.month.isin(study.all_months))
    paid = set(paid.select("month", "account_id").distinct().to_pandas().itertuples(index=False, name=None))
    billed_in = bills.groupby("account_id").agg(months=("month", list), currencies=("currency", list)).to_dict("index")
    going_on = usage_comes_late(study) or study.observed_until < study.bounds(study.month)[1]
    found = []
    for month, account in billable_calls(study)[["month", "account_id"]].drop_duplicates().itertuples(index=False):
        past = billed_in.get(account, {"months": []})
        earlier = [i for i, m in enumerate(past["months"]) if m < month]
        if not earlier or month in past["months"] or (month == study.month and going_on):
            continue
        last = past["months"][earlier[-1]]
        if (month, account) in paid or (last == str(pd.Period(month) - 1) and (last, account) not in paid):
            found.append((month, account, past["currencies"][earlier[-1]]))
    return pd.DataFrame(found, columns=["month", "account_id", "currency"]).astype("str")


@remembered
@needs("invoices", "requests", "requests.account_id", "requests.status", what="Metered against billed")
def billing_gaps(study) -> pd.DataFrame | NotMeasurable:
    """The table of `metered_against_billed` for the observed months: by the tariff, or with prices read off the bills.

    Not measurable where neither tells a price for any bill of the months shown.
    """
    if study.product != "all":
        return NotMeasurable("Metered against billed", "a bill may cover several products; choose all products, or break it down by segment instead.")
    calls, worth = billable_calls(study), None
    if study.workbook.tariff:
        worth = worth_by_tariff(calls, study.workbook).assign(currency=study.workbook.currency)
    gaps = metered_against_billed(calls, usage_bills(study), worth=worth, unbilled=unbilled_use(study))
    shown = gaps[gaps["month"].isin(study.months)]
    if len(shown) and shown["metered_minor"].isna().all():
        return NotMeasurable(
            "Metered against billed",
            "there are too few bills for use to read prices off them, or fewer than half of them fit one price a call; write the "
            'prices and the free calls under "tariff" in the workbook file.',
        )
    return gaps


def gaps_of_month(gaps: pd.DataFrame | NotMeasurable, *, month: str, least: float = LEAST_GAP):
    """The accounts whose bill of a month is off by more than `least` of what was metered, or missing; the largest gap first."""
    if isinstance(gaps, NotMeasurable):
        return gaps
    part = gaps[(gaps["month"] == month) & gaps["metered_minor"].notna()]
    off = part["gap_minor"].abs() > least * part["metered_minor"]
    part = part[off].assign(size=lambda t: -t["gap_minor"].abs()).sort_values(["size", "account_id"], ignore_index=True)
    return part[["account_id", "currency", "calls", "bill", "billed_minor", "metered_minor", "gap_minor", "gap_share"]]


@catalogued(
    name="Gap between metered and billed use", dimension="business", stage="scale",
    question="How far are the bills for use from the calls in the log?",
    formula="sum of |billed − metered| / sum of metered, over the accounts with a usage line for the month, and those that pay "
    "for use and got none; metered = successful production calls × the prices of the tariff, less its free calls; without a "
    "tariff, prices under which most bills of three months fit, and at least half of the month's to the cent", unit="ratio", direction="down",
    timing="leading", counter_metric="usage_revenue_share", gameable_by="correcting the log to the bill",
    tables=("invoices", "requests"), columns=("requests.account_id", "requests.status"), source=_BOOK, counted="minor units",
    whole_month=True,
)  # fmt: skip
def metered_billed_gap(study):
    gaps = billing_gaps(study)
    if isinstance(gaps, NotMeasurable):
        return gaps
    known = gaps.dropna(subset=["metered_minor"])
    sums = known.assign(off=known["gap_minor"].abs()).groupby("month")[["off", "metered_minor"]].sum()
    sums = sums.reindex(study.months, fill_value=0)
    off, metered = sums["off"].to_numpy(float), sums["metered_minor"].to_numpy(float)
    value = ratio(off, metered)
    table = pd.DataFrame({"month": study.months, "value": value, "numerator": off, "denominator": metered})
    return billed(study, table, usage=True)
