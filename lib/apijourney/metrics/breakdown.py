"""A metric for each product, or for each segment: the same definition, on the part that belongs to it.

Unit: that of the metric. Calls, revenue and costs belong to products; accounts, visits, tickets and
machines belong to none. So a product's rate of accounts is a share of all accounts, and a metric that
needs a table without products has no answer by product. It does not compare the groups.
"""

import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.endpoints import NO_PRODUCT
from apijourney.facts.remember import remembered
from apijourney.facts.study import as_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.registry import CATALOG, measure

FACT_WITH_PRODUCT = {"requests": "activity", "invoices": "revenue", "costs": "cost"}
_WITHOUT_HARM = {"accounts", "identities", "account_history", "fx_rates"}
BREAKDOWNS = ("product", "segment")


def measure_by(study, metric: str, by: str = "product") -> pd.DataFrame | NotMeasurable:
    """Compute one catalogued metric for each product, or for each segment, of a study.

    Parameters
    ----------
    by : "product" (that of the endpoint called, of the invoice line, of the costs' endpoint) or "segment"
        (of the account at sign-up).

    Returns
    -------
    The columns of `measure`, with `group` before them: one row a group and month. Groups that cannot be
    measured are left out. `NotMeasurable` where no group can, or where the metric has no products.

    Raises
    ------
    WorkbookError : for a metric or a breakdown nobody knows.
    """
    if metric not in CATALOG:
        raise unknown("metric", metric, CATALOG)
    if by not in BREAKDOWNS:
        raise unknown("breakdown", by, BREAKDOWNS)
    study = as_study(study, where="measure_by(study, metric)")
    name = f"{CATALOG[metric].name} by {by}"
    groups = study.segments if by == "segment" else _products(study, metric)
    if isinstance(groups, str):
        return NotMeasurable(name, groups)
    parts = {group: measure(_part(study, by, group), metric) for group in groups}
    tables = [t.assign(group=g) for g, t in parts.items() if not isinstance(t, NotMeasurable)]
    if not tables:
        reasons = [t.reason for t in parts.values()]
        return NotMeasurable(name, reasons[0] if reasons else f"no {by} is named; see the workbook file.")
    table = pd.concat(tables, ignore_index=True)
    return table[["group", *table.columns.drop("group")]]


@remembered
def _part(study, by: str, group: str):
    """The study of one group, kept so that several metrics share it."""
    return study.narrowed(**{by: group})


def _products(study, metric: str) -> list[str] | str:
    """The products a metric can be broken down by, or why it cannot."""
    tables = {t for name in CATALOG[metric].tables for t in _behind(study, name)}
    strangers = sorted(tables - FACT_WITH_PRODUCT.keys() - _WITHOUT_HARM)
    if strangers:
        return f"rows of {' and '.join(strangers)} belong to no product; break it down by segment instead."
    if not tables & FACT_WITH_PRODUCT.keys():
        return "accounts belong to no product; break it down by segment instead."
    if study.products in ([], [NO_PRODUCT]):
        return "no product is named; list each product's endpoints under products in the workbook file."
    there = set.intersection(*(study.products_in(FACT_WITH_PRODUCT[t]) for t in tables & FACT_WITH_PRODUCT.keys()))
    return [p for p in study.products if p in there]


def _behind(study, name: str) -> list[str]:
    """The canonical tables behind one that a catalogue entry needs; none behind a definition that is not given."""
    defined = {"active": study.workbook.definitions.active, "transaction": study.workbook.definitions.transaction}
    if name in defined:
        return [study.source_of(defined[name])] if defined[name] else []
    if name == "outages":
        return ["incidents"] if "incidents" in study.tables else ["requests"]
    return [name]
