"""The catalogued metrics of spread: on how many accounts, and on how many products, does the use rest?

Unit: an account with production calls in the local month; calls of nobody known are left out. Of all
accounts there are, so the shares carry no interval, but for the one that is a rate of accounts.
"""

import numpy as np
import pandas as pd

from apijourney.facts.endpoints import NO_PRODUCT
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.product.activation.activation_metrics import CALLS
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
TOP = 10


@remembered
def production_use(study) -> pd.DataFrame:
    """Production calls by month, account and product: month, account_id, product, calls, good (2xx)."""
    days = study.fact("activity", study.months)
    days = days.filter(days.account_id.notnull() & (days.environment == "production"))
    days = days.mutate(month=days.day.strftime("%Y-%m"))
    table = days.group_by("month", "account_id", "product").aggregate(calls=days.calls.sum(), good=days.good.sum())
    return table.order_by("month", "account_id", "product").to_pandas()


def _calls_by_account(study, month: str) -> np.ndarray:
    """The production calls of each account of a month, most first."""
    table = production_use(study)
    calls = table[table["month"] == month].groupby("account_id")["calls"].sum()
    return np.sort(calls.to_numpy(dtype=float))[::-1]


@catalogued(
    name="Share of the ten largest users", dimension="product", stage="scale",
    question="How much of the use hangs on ten accounts?",
    formula="production calls of the ten accounts with most of them / production calls of all accounts, in the "
    "local month, however answered; 100 % where there are ten accounts or fewer",
    unit="share", direction="down", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="splitting one customer into several accounts", tables=("requests",),
    columns=("requests.account_id",), source=_BOOK, counted="calls",
)  # fmt: skip
def top_10_usage_share(study):
    rows = []
    for month in study.months:
        calls = _calls_by_account(study, month)
        top, total = calls[:TOP].sum(), calls.sum()
        rows.append((month, top / total if total else np.nan, top, total))
    return pd.DataFrame(rows, columns=["month", "value", "numerator", "denominator"])


def gini(amounts) -> float:
    """How unevenly is a total spread? 0: all have the same; near 1: one has nearly everything; NaN: nothing.

    Source: Gini (1912), as the mean difference over twice the mean: Σ (2i − n − 1) x_i / (n Σ x), x ascending.

    >>> gini([1, 1]), gini([0, 0, 0, 4])
    (0.0, 0.75)
    """
    x = np.sort(np.asarray(amounts, dtype=float))
    n, total = len(x), x.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total)) if total else np.nan


@catalogued(
    name="Gini of the use", dimension="product", stage="scale",
    question="How unevenly is the use spread over the accounts?",
    formula="Gini coefficient of the production calls of the accounts that made one in the local month; 0: all "
    "made the same number, near 1: one made nearly all",
    unit="ratio", direction="none", timing="leading", counter_metric="top_10_usage_share",
    gameable_by="losing the small accounts lowers it", tables=("requests",), columns=("requests.account_id",),
    source="Gini (1912), Variabilità e mutabilità",
)  # fmt: skip
def usage_gini(study):
    by_month = [_calls_by_account(study, month) for month in study.months]
    return pd.DataFrame(
        {"month": study.months, "value": [gini(calls) for calls in by_month], "denominator": [len(c) for c in by_month]}
    )


@catalogued(
    name="Product attach", dimension="product", stage="scale",
    question="Which share of the accounts uses two of our products or more?",
    formula="accounts with a successful production call of two or more products / accounts with one of any "
    "product, in the local month; endpoints of no product are left out",
    unit="share", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="cutting one product into two", tables=("requests",), columns=(*CALLS, "requests.endpoint"),
    source=_BOOK, whole_month=True,
)  # fmt: skip
def product_attach(study):
    if study.product != "all":
        return NotMeasurable(
            "Product attach",
            "it counts products, so one of them has none; choose all products, or break it down by segment instead.",
        )
    if len(study.workbook.products) < 2:
        return NotMeasurable(
            "Product attach", "fewer than two products are named; list their endpoints under products in the workbook file."
        )
    use = production_use(study)
    use = use[(use["good"] > 0) & (use["product"] != NO_PRODUCT)]
    products = use.groupby(["month", "account_id"])["product"].nunique()
    return share_marked(products >= 2, products.index.get_level_values("month"), study.months)
