"""The first touchpoints of newcomers: where do they begin, and what do they do next?

Unit: an account, developer or visitor first seen on the site in the month. It shows what is done first,
second, third, not why. Calls are left out: they are made by programs.
"""

import numpy as np
import pandas as pd

from apijourney.formats import month_name
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.by_month import ratio_by_month
from apijourney.metrics.product.discovery.discovery_metrics import without_segment
from apijourney.metrics.product.marks import first_times, marked
from apijourney.metrics.product.conversion.paths import END, step_matrix
from apijourney.metrics.product.discovery.portal_metrics import searches
from apijourney.metrics.product.discovery.sessions import portal_log, session_numbers
from apijourney.workbook import STAGES

FIRST_STEPS = 6
MOST_STEPS = 24  # more arrows than this cannot be told apart
SEARCH_FIRST = "(search first)"
LEAST_SEARCHES = 20  # fewer searches from a page: too few for a share
_WHAT = "The first steps of newcomers"


@needs("touchpoints", what=_WHAT)
def first_steps(study, *, n: int = FIRST_STEPS) -> pd.DataFrame | NotMeasurable:
    """Where are the month's newcomers at their first, second, … n-th touchpoint of the site?

    n : how many touchpoints to follow, at most until the month ends.

    Returns
    -------
    A matrix of shares of the newcomers: index = touchpoint, in the order of the journey, and "(end)" (no
    such touchpoint in the month); columns = 1 … n. A column adds up to 1. `attrs["units"]` holds how many
    newcomers there are. Fewer than `min_n`: not measurable.
    """
    if blind := without_segment(study, _WHAT):
        return blind
    site = portal_log(study)
    start, end = study.bounds(study.month)
    first = first_times(site, np.ones(len(site), dtype=bool))
    new = (first >= start) & (first < end)
    log = site.select(new[site.account] & (site.time < end))
    names = [t for t in study.workbook.journey if study.source_of(t.filter) == "touchpoints"]
    names = sorted(names, key=lambda t: STAGES.index(t.stage))
    masks = {t.touchpoint: log.mask(study.step(t.touchpoint)) for t in names}
    steps = marked(log, {name: mask for name, mask in masks.items() if mask.any()})
    units = len(np.unique(steps.account))
    if units < study.workbook.definitions.min_n:
        return NotMeasurable(_WHAT, f"too few were first seen on the site in {month_name(study.month)}; choose another month.")
    table = step_matrix(steps, n)
    shares = table.pivot(index="event", columns="position", values="share").fillna(0.0)
    shares = shares.reindex(index=[*[e for e in steps.events if e in shares.index], END], columns=range(1, n + 1), fill_value=0.0)
    shares.attrs["units"] = units
    return shares


def searches_by_page_before(study) -> pd.DataFrame | NotMeasurable:
    """From which page do people search, and find nothing? Searches of the months shown.

    Returns
    -------
    One row a page, most searches first: page (the last other page viewed before the search in its session;
    "(search first)": none), value (share of the searches without a result), low, high (95 %, bootstrap
    over units), numerator, denominator (searches). Pages with fewer than 20 searches are left out.
    """
    found = searches(study)
    if isinstance(found, NotMeasurable):
        return found
    log = portal_log(study)
    session, page = session_numbers(log), log.properties["page"]
    is_search = np.zeros(len(log), dtype=bool)
    is_search[found["at"]] = True
    last = np.where((page.codes >= 0) & ~is_search, np.arange(len(log)), -1)
    last = np.maximum.accumulate(last)[found["at"].to_numpy()]
    same = (last >= 0) & (session[last] == session[found["at"].to_numpy()])
    before = np.where(same, page.categories.astype("str").to_numpy(object)[page.codes[last]], SEARCH_FIRST)
    rows = found[["unit", "numerator", "denominator"]].assign(month=before)[found["month"].isin(study.months).to_numpy()]
    pages = rows["month"].value_counts()
    pages = pages[pages >= LEAST_SEARCHES]
    table = ratio_by_month(rows, list(pages.index)).rename(columns={"month": "page"})
    return table.sort_values(["denominator", "page"], ascending=[False, True], ignore_index=True)



@passes_on
def path_steps(counts: pd.DataFrame, journey, *, most: int = MOST_STEPS) -> pd.DataFrame:
    """The most frequent steps from one touchpoint to another, as a graph is drawn from them.

    counts : from `path_counts`; the beginning, the end, the rest and repeats of the same touchpoint are no steps
        here. journey : the touchpoints of the workbook, with their stages. most : how many steps.

    Returns
    -------
    One row a step, most frequent first: from_touchpoint, from_stage, to_touchpoint, to_stage, count.
    """
    stage = {t.touchpoint: t.stage for t in journey}
    long = counts.rename_axis(index="from_touchpoint", columns="to_touchpoint").stack().rename("count").reset_index()
    known = long["from_touchpoint"].isin(stage) & long["to_touchpoint"].isin(stage)
    long = long[known & (long["from_touchpoint"] != long["to_touchpoint"]) & (long["count"] > 0)]
    long = long.assign(from_stage=long["from_touchpoint"].map(stage), to_stage=long["to_touchpoint"].map(stage))
    long = long.sort_values(["count", "from_touchpoint", "to_touchpoint"], ascending=[False, True, True], ignore_index=True)
    if long.empty:
        return NotMeasurable("The graph of the paths", "nobody went from one touchpoint to another in this month.")
    return long.head(most)[["from_touchpoint", "from_stage", "to_touchpoint", "to_stage", "count"]]
