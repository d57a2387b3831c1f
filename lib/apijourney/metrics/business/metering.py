"""Is what accounts are billed for use what they used?

Unit: an account in a month. Calls are metered from the log, usage is billed by invoice. Where no price list is
given, the prices are read off the bills themselves: the prices under which most bills fit their calls to the cent.
A gap may be a mistake in the bill, a discount, or a call the log lost: it says where to look, not who is right.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.money.months import local_dates
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import ratio
from apijourney.metrics.business.ledger import billed
from apijourney.metrics.business.serving import use_of_endpoints
from apijourney.metrics.infrastructure.service_metrics import dated_quotas
from apijourney.metrics.registry import catalogued

LEAST_GAP = 0.01
LEAST_BILLS = 4  # bills an endpoint, before its price can be read off them
_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


def read_prices(calls: pd.DataFrame, billed: pd.Series) -> pd.Series:
    """Under which price a call do most bills fit?

    Parameters
    ----------
    calls : one row a bill, one column an endpoint, values are billable calls. billed : minor units of each bill.

    Returns
    -------
    endpoint → price in minor units a call (float, four decimals). NaN for all where there are fewer than four bills an
    endpoint, or where endpoints are always used in one proportion, so that their prices cannot be told apart.

    The method: least absolute deviations, by iteratively reweighted least squares, so that a few wrong bills do not move
    it; then least squares over the bills that fit to the cent.

    >>> calls = pd.DataFrame({"/a": [10, 0, 5, 2, 1, 7, 3, 9], "/b": [0, 10, 5, 1, 2, 3, 8, 4]})
    >>> billed = 3 * calls["/a"] + 7 * calls["/b"]
    >>> billed[7] = 999
    >>> read_prices(calls, billed).tolist()
    [3.0, 7.0]
    """
    x, y = calls.to_numpy(float), billed.to_numpy(float)
    used = x.any(axis=0)
    out = pd.Series(np.nan, index=calls.columns)
    x = x[:, used]
    if not used.any() or len(y) < LEAST_BILLS * x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return out
    price, weight = np.zeros(x.shape[1]), np.ones(len(y))
    for _ in range(60):
        weighted, before = x * weight[:, None], price
        price = np.linalg.solve(weighted.T @ x, weighted.T @ y)
        if np.abs(price - before).max() < 1e-9:
            break
        weight = 1 / np.maximum(np.abs(y - x @ price), 1e-3)
    fits = np.abs(y - x @ price) < 0.51  # to the cent
    if np.linalg.matrix_rank(x[fits]) == x.shape[1]:
        price = np.linalg.lstsq(x[fits], y[fits], rcond=None)[0]
    out[used] = np.maximum(np.round(price, 4), 0)
    return out


def metered_against_billed(
    calls: pd.DataFrame, bills: pd.DataFrame, *, prices: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """What should each account have been billed for its calls, and what was it billed?

    Parameters
    ----------
    calls : month, account_id, endpoint, calls: billable calls (successful, production).
    bills : month (of service), account_id, currency, minor: usage lines, credits not taken off.
    prices : endpoint → minor units a call, in every currency; by default they are read off the bills, currency by
        currency, see `read_prices`. An endpoint without a price is free.

    Returns
    -------
    One row an account and month with a usage bill: month, account_id, currency, calls, billed_minor (int64, in the
    currency of the bill), metered_minor (float: calls × prices; NaN where the prices cannot be told), gap_minor = billed − metered,
    gap_share = gap_minor / metered_minor (NaN without metered calls; then everything billed is gap).

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
    table = bills.groupby([*keys, "currency"])["minor"].sum().rename("billed_minor").reset_index()
    grid = used.reindex(pd.MultiIndex.from_frame(table[keys]), fill_value=0).reset_index(drop=True)
    table["calls"] = grid.sum(axis=1).astype("int64")
    metered = np.full(len(table), np.nan)
    for _, rows in table.groupby("currency"):
        at = rows.index
        if prices is None:
            price = read_prices(grid.loc[at], rows["billed_minor"])
            used_here = grid.loc[at].any()
            told = price[used_here].notna().all() and used_here.any()
        else:
            price, told = pd.Series(dict(prices), dtype=float).reindex(grid.columns), True
        if told:
            metered[at] = grid.loc[at].to_numpy(float) @ price.fillna(0).to_numpy(float)
    table["metered_minor"] = metered
    table["gap_minor"] = table["billed_minor"] - table["metered_minor"]
    table["gap_share"] = (table["gap_minor"] / table["metered_minor"]).where(table["metered_minor"] > 0)
    return table[[*keys, "currency", "calls", "billed_minor", "metered_minor", "gap_minor", "gap_share"]]


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
@needs("invoices", "requests", "requests.account_id", "requests.status", what="Metered against billed")
def billing_gaps(study) -> pd.DataFrame | NotMeasurable:
    """The table of `metered_against_billed` for the observed months, with prices read off the bills."""
    if study.product != "all":
        return NotMeasurable("Metered against billed", "a bill may cover several products; choose all products, or break it down by segment instead.")
    return metered_against_billed(billable_calls(study), usage_bills(study))


def gaps_of_month(gaps: pd.DataFrame | NotMeasurable, *, month: str, least: float = LEAST_GAP):
    """The accounts whose bill of a month is off by more than `least` of what was metered, the largest gap first."""
    if isinstance(gaps, NotMeasurable):
        return gaps
    part = gaps[(gaps["month"] == month) & gaps["metered_minor"].notna()]
    off = part["gap_minor"].abs() > least * part["metered_minor"]
    part = part[off].assign(size=lambda t: -t["gap_minor"].abs()).sort_values(["size", "account_id"], ignore_index=True)
    return part[["account_id", "currency", "calls", "billed_minor", "metered_minor", "gap_minor", "gap_share"]]


@remembered
@needs("invoices", "requests", "requests.account_id", "requests.status", what="Free, committed and overage use")
def use_by_contract(study) -> pd.DataFrame | NotMeasurable:
    """How much of the month's use was free, bought ahead, or beyond the quota?

    The rule. An account pays in a month where it has a subscription or usage line for it. Its successful production
    calls up to the quota that holds at the end of the month are committed, those beyond are overage; of an account
    that does not pay, those up to the quota are free, those beyond are free overage. A quota of 0 or none is no limit.

    Returns one row a class: use, accounts, calls, share (of the calls), billed_minor (usage lines of the month in the
    reporting currency, laid over an account's committed and overage calls in proportion).
    """
    if study.product != "all":
        return NotMeasurable("Free, committed and overage use", "a quota counts the calls of all products; choose all products, or break it down by segment instead.")
    calls = billable_calls(study)
    calls = calls[calls["month"] == study.month].groupby("account_id")["calls"].sum()
    quotas = dated_quotas(study).sort_values("valid_from", kind="stable")
    quota = pd.to_numeric(quotas.groupby("account_id")["quota_per_month"].last()).reindex(calls.index)
    rows = study.fact("revenue")
    rows = rows.filter((rows.month == study.month) & rows.kind.isin(["subscription", "usage"]) & ~rows.taken_off)
    paid = rows.group_by("account_id").aggregate(usage=rows.minor.sum(where=rows.kind == "usage")).to_pandas()
    return contract_classes(calls, quota, paid.set_index("account_id")["usage"].fillna(0))


def contract_classes(calls: pd.Series, quota: pd.Series, usage: pd.Series) -> pd.DataFrame:
    """Split each account's calls at its quota. See `use_by_contract`.

    calls, quota : account_id → calls a month (NaN or 0 = no limit). usage : account_id → usage billed, of the
    accounts that pay.

    >>> table = contract_classes(pd.Series({"a": 80, "b": 150, "c": 70}), pd.Series({"a": 100, "b": 100, "c": 60}),
    ...                          pd.Series({"a": 80, "b": 300}))
    >>> table[["use", "accounts", "calls", "billed_minor"]].values.tolist()
    [['free', 1, 60, 0.0], ['free, beyond the quota', 1, 10, 0.0], ['committed', 2, 180, 280.0], ['overage', 1, 50, 100.0]]
    """
    limit = quota.reindex(calls.index).astype("float64")
    limit = limit.where(limit > 0, np.inf)
    within = np.minimum(calls, limit).astype("int64")
    beyond = calls.astype("int64") - within
    pays = calls.index.isin(usage.index)
    each = (usage.reindex(calls.index).fillna(0).astype("float64") / calls).where(calls > 0, 0.0)
    rows = []
    for name, part, who in (
        ("free", within, ~pays), ("free, beyond the quota", beyond, ~pays), ("committed", within, pays), ("overage", beyond, pays),
    ):  # fmt: skip
        mine = part[who]
        rows.append((name, int((mine > 0).sum()), int(mine.sum()), float((mine * each[who]).sum())))
    table = pd.DataFrame(rows, columns=["use", "accounts", "calls", "billed_minor"])
    total = table["calls"].sum()
    table.insert(3, "share", table["calls"] / total if total else np.nan)
    return table


@catalogued(
    name="Gap between metered and billed use", dimension="business", stage="scale",
    question="How far are the bills for use from the calls in the log?",
    formula="sum of |billed − metered| / sum of metered, over the accounts with a usage line for the month; metered = "
    "successful production calls × the prices under which most bills fit", unit="ratio", direction="down",
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
