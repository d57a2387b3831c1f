"""The docs, page by page: who reads what, can it be read, and do its readers then make the call work?

Unit: a page of the docs, or a reader of one: an account, developer or visitor. A reader who succeeds had
perhaps succeeded without the page: what stands here is an association, not the effect of the page.
"""

import re

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import CALLS, FIRST_SUCCESS, NEVER
from apijourney.metrics.product.discovery.discovery_metrics import without_segment
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.discovery.readability import LEAST_WORDS, reading_grade
from apijourney.metrics.product.discovery.sessions import portal_log
from apijourney.metrics.product.windows import as_window, deadlines
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import wilson

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
SUCCESS_WINDOW_DAYS = 7
ANY_ENDPOINT = "any"


@catalogued(
    name="Broken links per docs page", dimension="product", stage="discover",
    question="How often does the next step lead nowhere?",
    formula="broken links / pages of the table pages. It holds the pages as they are now, so the number stands at "
    "the month reported on and is unknown for earlier ones",
    unit="ratio", direction="down", timing="leading", counter_metric="page_views",
    gameable_by="pages without links", tables=("pages",), source=_BOOK, counted="pages",
)  # fmt: skip
def broken_links_per_page(study):
    pages = study.table("pages")
    known = pages["broken_links"].dropna()
    if known.empty:
        return NotMeasurable("Broken links per docs page", "no page says how many of its links are broken; map broken_links of pages.")
    now = np.array([m == study.month for m in study.months])
    return pd.DataFrame(
        {
            "month": study.months,
            "value": np.where(now, known.sum() / len(known), np.nan),
            "numerator": np.where(now, known.sum(), np.nan),
            "denominator": np.where(now, len(known), np.nan),
        }
    )


@catalogued(
    name="Reading level of the docs", dimension="product", stage="discover",
    question="How many years of school do the docs ask for?",
    formula="mean of Coleman and Liau's grade over the pages of the table pages with at least 50 words; every page "
    "weighs the same. It holds the pages as they are now, so the number stands at the month reported on and is unknown "
    "for earlier ones",
    unit="points", direction="down", timing="leading", counter_metric="first_call_success_rate",
    gameable_by="short words and sentences that explain less", tables=("pages",),
    source=f"{_BOOK}; Coleman and Liau (1975), Journal of Applied Psychology 60, 283-284", counted="pages",
)  # fmt: skip
def reading_level(study):
    grades = study.table("pages")["text"].map(reading_grade).dropna()
    if grades.empty:
        return NotMeasurable("Reading level of the docs", f"no page has a text of {LEAST_WORDS} words; map text of pages.")
    now = np.array([m == study.month for m in study.months])
    return pd.DataFrame(
        {
            "month": study.months,
            "value": np.where(now, grades.mean(), np.nan),
            "numerator": np.where(now, grades.sum(), np.nan),
            "denominator": np.where(now, len(grades), np.nan),
        }
    )


def documented_endpoints(text, endpoints: list[str]) -> list[str]:
    """Which endpoints does a page speak of: those whose path it names, and those below them?

    text : of the page; None is a page without text. endpoints : templates such as "/v1/payments/{id}".

    >>> documented_endpoints("Send a POST to /v1/payments.", ["/v1/payments", "/v1/payments/{id}", "/v1/refunds"])
    ['/v1/payments', '/v1/payments/{id}']
    """
    if not isinstance(text, str):
        return []
    stems = {e: re.split(r"[{*]", e)[0].rstrip("/") for e in endpoints}
    named = [s for s in dict.fromkeys(stems.values()) if s and re.search(rf"{re.escape(s)}(?![\w-]|/\w)", text)]
    return [e for e, stem in stems.items() if any(stem == n or stem.startswith(n + "/") for n in named)]


@remembered
@needs("touchpoints", "touchpoints.page", what="The pages of the docs")
def docs_pages(study) -> pd.DataFrame | NotMeasurable:
    """For each page of the docs: how many read it, how well can it be read, and do its readers succeed?

    The pages are those of the table pages; without it, those named by the touchpoint docs_view. Readers are
    people who viewed the page in the months shown.

    Returns
    -------
    One row a page, most readers first: page, views, readers (units), grade (years of school its text asks
    for; NaN = not measurable), broken_links (NaN = not known), endpoints (that it documents, as text;
    "any" = it names none, so a call to any counts), denominator (readers without any 2xx before their
    first view, whose 7 days are over), numerator (of these, with a 2xx of such an endpoint within 7
    calendar days of it), value, low, high (95 % Wilson). Fewer than `min_n` readers, or no call whose end is
    known: NaN. Numerator and denominator are of the first view ever observed, where that lies in the months
    shown.
    """
    if blind := without_segment(study, "The pages of the docs"):
        return blind
    log = study.events
    site = portal_log(study)
    pages = study.table("pages").drop_duplicates("page").set_index("page")
    named = site.properties["page"]
    names = list(pages.index) or sorted(set(named[site.mask("docs_view")].dropna()))
    if not names:
        return NotMeasurable("The pages of the docs", 'no page of the docs is known; add the table "pages", or touchpoints docs_view.')
    start, end = study.bounds(study.months[0])[0], study.observed_until
    called = not study.lacks("requests", *CALLS)
    succeeded = log.mask(FIRST_SUCCESS) if called else np.zeros(len(log), dtype=bool)
    first_success = first_times(log, succeeded)
    endpoints = _known_endpoints(study)
    rows = []
    for page in names:
        viewed = np.asarray(named == page) if page in named.categories else np.zeros(len(site), dtype=bool)
        shown = viewed & (site.time >= start) & (site.time < end)
        about = documented_endpoints(pages["text"].get(page), endpoints) if len(pages) else []
        counts = _followed(study, first_times(site, viewed), first_success, log, succeeded, about, (start, end))
        rows.append(
            {"page": page, "views": int(shown.sum()), "readers": len(np.unique(site.account[shown])),
             "grade": reading_grade(pages["text"].get(page)) if len(pages) else np.nan,
             "broken_links": pages["broken_links"].get(page, np.nan) if len(pages) else np.nan,
             "endpoints": ", ".join(about) or ANY_ENDPOINT} | counts
        )  # fmt: skip
    table = pd.DataFrame(rows).astype({"grade": "float64", "broken_links": "float64"})
    if not called:
        table[["numerator", "denominator", "value", "low", "high"]] = np.nan
    return table.sort_values(["readers", "page"], ascending=[False, True], ignore_index=True)


def _followed(study, read: np.ndarray, first_success: np.ndarray, log, succeeded, about: list[str], shown) -> dict:
    """Of the readers without an earlier success: how many, and how many succeeded in time?"""
    target = succeeded
    if about:
        target = succeeded & np.asarray(log.properties["endpoint"].isin(about))
    new = (read >= shown[0]) & (read < shown[1]) & (first_success >= read)
    end = np.full(len(read), NEVER)
    end[new] = deadlines(read[new], as_window(f"{SUCCESS_WINDOW_DAYS}D"), study.zone)
    closed = new & (end < study.observed_until)
    # Whoever has not succeeded before the view has no target call before it either.
    reached = first_times(log, target)
    n, k = int(closed.sum()), int((closed & (reached <= end)).sum())
    low, high = wilson(k, n)
    if n < study.workbook.definitions.min_n:
        return {"numerator": k, "denominator": n, "value": np.nan, "low": np.nan, "high": np.nan}
    return {"numerator": k, "denominator": n, "value": k / n, "low": float(low), "high": float(high)}


def _known_endpoints(study) -> list[str]:
    """The endpoints of the workbook file; where it names none, those that were called."""
    if study.workbook.products:
        return [e for templates in study.workbook.products.values() for e in templates]
    called = study.events.properties.get("endpoint")
    return [] if called is None else sorted(called.categories.astype("str"))
