"""The catalogued metrics of the site: do people find what they look for once they are there?

Unit: a page view, a session or a search, by people; a session belongs to the local month it began in.
Crawlers, monitors and AI agents are left out, but for the one metric that counts the agents. What
somebody thought of a page is not known: a short visit may be a quick answer.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array

from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import months_of, ratio_by_month
from apijourney.metrics.product.activation.cohort_share import share_within
from apijourney.metrics.product.discovery.discovery_metrics import without_segment
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.discovery.sessions import portal_log, portal_mask, reading_times, sessions, sessions_of
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_quantile

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
_PAGES = {"tables": ("touchpoints",), "columns": ("touchpoints.page",)}
QUICKSTART_WINDOW_DAYS = 7
AI_AGENT = "ai_agent"


@catalogued(
    name="Page views", dimension="product", stage="discover",
    question="How much is read on the site?",
    formula="touchpoints of people that name their page, in the local month", unit="count", direction="up",
    timing="leading", counter_metric="bounce_rate", gameable_by="cutting one page into many",
    source=_BOOK, counted="page views", **_PAGES, whole_month=True,
)  # fmt: skip
def page_views(study):
    if blind := without_segment(study, "Page views"):
        return blind
    log = portal_log(study)
    month = pd.Series(months_of(log.time[log.properties["page"].codes >= 0], study.zone))
    value = month.value_counts().reindex(study.months, fill_value=0).to_numpy()
    return pd.DataFrame({"month": study.months, "value": value, "denominator": value})


def _by_session(study, numerator: str) -> pd.DataFrame:
    table = sessions_of(study)
    rows = pd.DataFrame(
        {
            "month": months_of(table["began"].to_numpy(), study.zone),
            "unit": table["unit"],
            "numerator": table[numerator].astype("int64"),
            "denominator": 1,
        }
    )
    return ratio_by_month(rows, study.months)


@catalogued(
    name="Bounce rate", dimension="product", stage="discover",
    question="Which share of the visits ends on the page it began on?",
    formula="sessions of people that are one page view and nothing else / sessions with a page view; a session "
    "is the touchpoints of one unit with less than 30 minutes from each to the next",
    unit="share", direction="down", timing="leading", counter_metric="pages_per_session",
    gameable_by="cutting one page into two", source=_BOOK, counted="sessions", **_PAGES,
)  # fmt: skip
def bounce_rate(study):
    return without_segment(study, "Bounce rate") or _by_session(study, "bounced")


@catalogued(
    name="Pages per session", dimension="product", stage="discover",
    question="How many pages does a visit take?",
    formula="page views of people / their sessions with a page view (sessions as in the bounce rate)",
    unit="ratio", direction="none", timing="leading", counter_metric="quickstart_completion",
    gameable_by="docs in which people get lost", source=_BOOK, counted="sessions", **_PAGES,
)  # fmt: skip
def pages_per_session(study):
    return without_segment(study, "Pages per session") or _by_session(study, "views")


@catalogued(
    name="Time on page", dimension="product", stage="discover",
    question="How long is a page usually open?",
    formula="median whole seconds from a page view to the next one of the same session, by the month of the "
    "view; the last view of a session is left out, because its end is not known",
    unit="seconds", direction="none", timing="leading", counter_metric="bounce_rate",
    gameable_by="pages that are hard to read", source=_BOOK, counted="page views", **_PAGES,
)  # fmt: skip
def time_on_page(study):
    if blind := without_segment(study, "Time on page"):
        return blind
    times = reading_times(portal_log(study))
    month = months_of(times["at"].to_numpy(), study.zone)
    rows = []
    for name in study.months:
        part = times[month == name]
        n = len(part)
        value = np.sort(part["seconds"].to_numpy())[(n - 1) // 2] if n else np.nan
        rows.append((name, value, *_median_interval(part), n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "denominator"])


def _median_interval(times: pd.DataFrame) -> tuple[float, float]:
    """Between which bounds the median lies, if other visitors like these had come."""
    if times.empty:
        return np.nan, np.nan
    unit, who = np.unique(times["unit"], return_inverse=True)
    seconds, which = np.unique(times["seconds"], return_inverse=True)
    counts = coo_array((np.ones(len(times)), (who, which)), shape=(len(unit), len(seconds))).tocsr()
    return bootstrap_quantile(counts, seconds.astype(float), 0.5)


@catalogued(
    name="Searches that find nothing", dimension="product", stage="discover",
    question="Which share of the searches in the docs finds nothing?",
    formula="touchpoints of people whose property results is 0 / touchpoints of people with the property results",
    unit="share", direction="down", timing="leading", counter_metric="page_views",
    gameable_by="answering every search with something", tables=("touchpoints",), source=_BOOK,
    counted="searches",
)  # fmt: skip
def docs_search_zero_share(study):
    found = searches(study)
    return found if isinstance(found, NotMeasurable) else ratio_by_month(found, study.months)


@needs("touchpoints", what="Searches that find nothing")
def searches(study) -> pd.DataFrame | NotMeasurable:
    """The searches of people: month, unit, at (row of the site's log), numerator (found nothing: 1), denominator (1)."""
    what = "Searches that find nothing"
    if blind := without_segment(study, what):
        return blind
    log = portal_log(study)
    results = log.properties["results"]
    number = pd.to_numeric(pd.Series(results.categories.astype("str")), errors="coerce").to_numpy(dtype=float)
    number = np.append(number, np.nan)[results.codes]
    at = np.flatnonzero(~np.isnan(number))
    if not len(at):
        return NotMeasurable(
            what, 'no touchpoint says how many results a search had; add "results" to the properties of searches.'
        )
    return pd.DataFrame(
        {
            "month": months_of(log.time[at], study.zone),
            "unit": log.account[at],
            "at": at,
            "numerator": (number[at] == 0).astype("int64"),
            "denominator": 1,
        }
    )


@catalogued(
    name="Quickstart completion", dimension="product", stage="evaluate",
    question="Of the people who open the quickstart, which share gets to its end?",
    formula="units with a quickstart_completed within 7 calendar days of their first quickstart_view / units "
    "whose first quickstart_view is in the month, closed windows only",
    unit="share", direction="up", timing="leading", counter_metric="activated_share",
    gameable_by="a quickstart that leaves out the call", tables=("touchpoints",), source=_BOOK,
    counted="visitors",
)  # fmt: skip
def quickstart_completion(study):
    what = "Quickstart completion"
    if blind := without_segment(study, what):
        return blind
    log = portal_log(study)
    for name in ("quickstart_view", "quickstart_completed"):
        if not log.mask(name).any():
            return NotMeasurable(what, f'no touchpoint "{name}" was seen; add these events to touchpoints.')
    opened = first_times(log, log.mask("quickstart_view"))
    done = log.mask("quickstart_completed")
    done &= log.time >= opened[log.account]
    return share_within(
        opened, first_times(log, done), months=study.months, days=QUICKSTART_WINDOW_DAYS,
        until=study.observed_until, timezone=study.zone,
    )  # fmt: skip


@catalogued(
    name="AI agents' share of the visits", dimension="product", stage="discover",
    question="How many of those who look at the site are AI agents that read on somebody's behalf?",
    formula="sessions with a page view of AI agents / sessions with a page view of people and AI agents; "
    "crawlers and monitors left out; agents evaluate, they are counted as people nowhere",
    unit="share", direction="none", timing="leading", counter_metric="unique_visitors",
    gameable_by="agents that call themselves browsers", source=_BOOK, counted="sessions", **_PAGES,
)  # fmt: skip
def ai_agent_share(study):
    what = "AI agents' share of the visits"
    if blind := without_segment(study, what):
        return blind
    bots, everything = study.workbook.definitions.bots, study.everything
    kind = everything.properties.get("agent")
    if kind is None or (kind.codes < 0).all() or AI_AGENT not in bots.values:
        return NotMeasurable(
            what,
            f'no touchpoint says in the property "{bots.property}" that it was made by an "{AI_AGENT}"; add it, or '
            "name another property under definitions.bots.",
        )
    is_agent = np.asarray(kind == AI_AGENT)
    site = portal_mask(study, everything)
    parts = []
    for counted, mask in ((1, is_agent), (0, ~study.is_bot)):
        table = sessions(everything.select(site & mask))
        table = table[table["views"] > 0]
        parts.append(
            pd.DataFrame(
                {
                    "month": months_of(table["began"].to_numpy(), study.zone),
                    "unit": table["unit"].astype("str") + f"/{counted}",
                    "numerator": counted,
                    "denominator": 1,
                }
            )
        )
    return ratio_by_month(pd.concat(parts, ignore_index=True), study.months)
