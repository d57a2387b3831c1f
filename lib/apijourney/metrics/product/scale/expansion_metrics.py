"""The catalogued metrics of expansion: do the accounts we have begin to use more of the API?

Unit: an account with successful calls in the local month and in one of the three months before; beginners, to whom
everything is new, are left out. New is what the account did not use in these three months, so every month is held
against an equally long past; a thing taken up again after longer counts as new. Months with fewer than three
whole months observed before them are not yet known. It does not say how much the new thing is used.
"""

import pandas as pd

from apijourney.facts.endpoints import NO_PRODUCT, UNMATCHED
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.registry import catalogued, measure

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
LOOK_BACK_MONTHS = 3
KINDS = {
    "endpoint": ("endpoints", "endpoint_expansion"), "product": ("products", "product_expansion"),
    "region": ("regions", "region_expansion"), "environment": ("environments", "environment_expansion"),
}  # fmt: skip
_NEEDED = ("requests.account_id", "requests.status")


@remembered
def things_used(study) -> pd.DataFrame:
    """What each account called with success: month (consecutive numbers), account_id, environment, endpoint,
    product, region; one row a combination, of the months shown and the three before."""
    first = pd.Period(study.months[0], "M") - LOOK_BACK_MONTHS
    months = [m for m in study.all_months if pd.Period(m, "M") >= first]
    calls = study.fact("calls", months)
    calls = calls.filter(calls.account_id.notnull() & calls.status.between(200, 299))
    columns = ["account_id", "environment", "endpoint", "product", "region"]
    found = calls.select(month=calls.day.year() * 12 + calls.day.month() - 1, **{c: calls[c] for c in columns})
    return found.distinct().to_pandas().assign(month=lambda t: t["month"].astype("int64") - 1970 * 12)


def newly_used(used: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Who used something in a month that he had not used in the three months before?

    used : month (consecutive numbers), account_id, and the column `kind`; rows without a value are left out.

    Returns
    -------
    One row an account and month, of accounts that were there in one of the three months before: month,
    account_id, new (did it use a value that it had not used in them?).

    >>> used = pd.DataFrame({"month": [0, 1, 1, 5], "account_id": "a", "region": ["eu", "eu", "us", "eu"]})
    >>> newly_used(used, "region")
       month account_id   new
    0      1          a  True
    """
    rows = used[["account_id", kind, "month"]].dropna().drop_duplicates()
    rows = rows.sort_values(["account_id", kind, "month"], ignore_index=True)
    since = rows["month"] - rows.groupby(["account_id", kind])["month"].shift()
    rows["new"] = since.isna() | (since > LOOK_BACK_MONTHS)
    there = rows.groupby(["account_id", "month"], as_index=False)["new"].any()
    since = there["month"] - there.groupby("account_id")["month"].shift()
    there = there[since <= LOOK_BACK_MONTHS]
    return there.sort_values(["month", "account_id"], ignore_index=True)[["month", "account_id", "new"]]


def _expansion(study, kind: str, name: str) -> pd.DataFrame | NotMeasurable:
    used = things_used(study)
    if kind != "environment":
        used = used[used["environment"] == "production"]
    used = used[~used[kind].isin([UNMATCHED, NO_PRODUCT])]
    if used[kind].nunique() < 2:
        return NotMeasurable(name, f"fewer than two {KINDS[kind][0]} were called with success up to {study.month}; there is nothing to expand to.")
    found = newly_used(used, kind)
    month = pd.PeriodIndex.from_ordinals(found["month"], freq="M").astype("str")
    known = [study.whole(str(pd.Period(m, "M") - LOOK_BACK_MONTHS)) for m in study.months]
    return share_marked(found["new"], month, study.months).assign(mature=known)


def _formula(what: str, calls: str) -> str:
    return (
        f"accounts with a {calls} {what} that they had not used in the {LOOK_BACK_MONTHS} local months before / accounts "
        "with such calls in the month and in one of these months"
    )


@catalogued(
    name="Endpoint expansion", dimension="product", stage="scale",
    question="Which share of the accounts began to use another endpoint this month?",
    formula=_formula("to an endpoint", "successful production call"),
    unit="share", direction="up", timing="leading", counter_metric="decline_index",
    gameable_by="cutting one endpoint into two", tables=("requests",), columns=(*_NEEDED, "requests.endpoint"), source=_BOOK,
)  # fmt: skip
def endpoint_expansion(study):
    return _expansion(study, "endpoint", "Endpoint expansion")


@catalogued(
    name="Product expansion", dimension="product", stage="scale",
    question="Which share of the accounts began to use another product this month?",
    formula=_formula("of a product", "successful production call"),
    unit="share", direction="up", timing="leading", counter_metric="product_attach",
    gameable_by="cutting one product into two", tables=("requests",), columns=(*_NEEDED, "requests.endpoint"), source=_BOOK,
)  # fmt: skip
def product_expansion(study):
    if study.product != "all":
        return NotMeasurable("Product expansion", "one product has no other to expand to; choose all products, or break it down by segment instead.")
    if len(study.workbook.products) < 2:
        return NotMeasurable(
            "Product expansion", "fewer than two products are named; list their endpoints under products in the workbook file."
        )
    return _expansion(study, "product", "Product expansion")


@catalogued(
    name="Region expansion", dimension="product", stage="scale",
    question="Which share of the accounts began to call from or to another region this month?",
    formula=_formula("in a region", "successful production call"),
    unit="share", direction="up", timing="leading", counter_metric="decline_index",
    gameable_by="moving traffic between our own regions", tables=("requests",), columns=(*_NEEDED, "requests.region"),
    source=_BOOK,
)  # fmt: skip
def region_expansion(study):
    return _expansion(study, "region", "Region expansion")


@catalogued(
    name="Environment expansion", dimension="product", stage="scale",
    question="Which share of the accounts began to use another environment this month?",
    formula=_formula("in an environment", "successful call"),
    unit="share", direction="up", timing="leading", counter_metric="conversion_to_production",
    gameable_by="sending old customers back to the sandbox", tables=("requests",),
    columns=(*_NEEDED, "requests.environment"), source=_BOOK,
)  # fmt: skip
def environment_expansion(study):
    return _expansion(study, "environment", "Environment expansion")


def expansion(study) -> pd.DataFrame:
    """Of the accounts that were there before, which share took up something new in each month, by kind?

    Returns the four metrics above one under the other: kind ("endpoint", …), month, value, low, high, numerator,
    denominator, mature. A kind that is not measurable is left out; where none is, the first reason comes back.
    """
    found = {kind: measure(study, metric) for kind, (_, metric) in KINDS.items()}
    known = {kind: table for kind, table in found.items() if not isinstance(table, NotMeasurable)}
    if not known:
        return NotMeasurable("Expansion to something new", next(iter(found.values())).reason)
    return pd.concat([table.assign(kind=kind) for kind, table in known.items()], ignore_index=True)
