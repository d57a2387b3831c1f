"""The page of a report: cover, chapters, accounts to act on, appendix, in one file.

Unit: one report. Everything that comes from data is escaped by the template; only chapters, which
were cleaned when they were made, go in as markup. No script, and nothing loaded from elsewhere.
"""

import re
from functools import cache
from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from apijourney.formats import month_name, number
from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.holistic.goals import goals_judged
from apijourney.metrics.holistic.scorecard import headline_metrics
from apijourney.report.act import accounts_shown
from apijourney.report.chapter import to_html
from apijourney.report.compared import compared, months_compared
from apijourney.report.cover import Cover
from apijourney.report.memory import Memory
from apijourney.report.restated import shown
from apijourney.report.scorecard import other_metrics, scorecard

_BEFORE_PERCENT = re.compile(r"(?<=\d) %")  # a number and its sign stay on one line
LOWEST_NOTE = 3
"""The level of the first headings of a note: it stands in a section of the page."""
TEMPLATES = Path(__file__).with_name("templates")


def make_page(study, metrics: dict, chapters: dict[str, dict], cover: Cover, memory: Memory | None = None,
              beside: dict | None = None) -> str:  # fmt: skip
    """Write the page of a report.

    metrics : id → table by month, or `NotMeasurable`. chapters : name → chapter, in reading order.
    cover : what stands on it, from `make_cover`. memory : what is known beside the data, from `remember`.
    beside : metrics that reach back a year, for the comparison; else `metrics`.
    """
    memory = memory or Memory()
    book = study.workbook.model_copy(update={"goals": goals_judged(study)})
    page = template("page.html.j2").render(
        book=book,
        month=month_name(study.month),
        scope=study.scope,
        observed=_observed(study),
        headline=cover.headline,
        goes_on=_goes_on(study),
        unjudged=len(study.workbook.goals) - len(book.goals),
        scorecard=scorecard(book, study.month, metrics),
        others=other_metrics(book, study.month, metrics),
        alerts=cover.alerts,
        directions=cover.directions,
        status=str(memory.closing or ""),
        notes=Markup(to_html(memory.notes, LOWEST_NOTE)) if memory.notes else "",
        restated=shown(memory.restated, book.currency),
        restated_seen=int(memory.restated["seen"].sum()),
        beside=compared(study, beside or metrics, headline_metrics(book, metrics)),
        beside_months=months_compared(study),
        act=accounts_shown(cover.accounts, cover.reasons, book.currency),
        findings=_findings(chapters),
        chapters=[c | {"html": Markup(c["html"])} for c in chapters.values()],
        titles={name: c["title"] for name, c in chapters.items()},
        shown_in=_shown_in(chapters),
        sources=study.coverage.to_dict("records"),
        quality=study.quality.to_dict("records"),
        compared=any(_has_value(found) for found in metrics.values()),
        definitions=list(CATALOG.values()),
        catalog=CATALOG,
        not_measurable=_by_remedy(metrics),
    )
    return _BEFORE_PERCENT.sub("\u00a0%", page)


def _findings(chapters: dict[str, dict]) -> list[dict]:
    """The findings of all chapters, the weightiest first; those of one weight keep the order of the chapters."""
    found = [(f, name, c["title"]) for name, c in chapters.items() for f in c["findings"]]
    found.sort(key=lambda one: tuple(one[0]["weight"]), reverse=True)
    return [{"chapter": name, "title": title, "html": Markup(f["html"])} for f, name, title in found]


def _shown_in(chapters: dict[str, dict]) -> dict[str, str]:
    """Where is each metric shown: in the chapter of its dimension, where that has it, else in the first that has."""
    having: dict[str, list[str]] = {}
    for name, chapter in chapters.items():
        for row in chapter["metrics"]:
            having.setdefault(row["metric"], []).append(name)
    own = {m: [n for n in names if m in CATALOG and n.endswith(f"_{CATALOG[m].dimension}")] for m, names in having.items()}
    return {metric: (own[metric] or names)[0] for metric, names in having.items()}


def _by_remedy(metrics: dict) -> list[dict]:
    """The metrics that cannot be measured, those with the same remedy together: reason, metrics (id and name)."""
    groups: dict[str, list[dict]] = {}
    for name, found in metrics.items():
        if isinstance(found, NotMeasurable):
            groups.setdefault(found.reason, []).append({"id": name, "name": CATALOG[name].name})
    return [{"reason": reason, "metrics": group} for reason, group in groups.items()]


def _has_value(found) -> bool:
    return not isinstance(found, NotMeasurable) and bool(found["value"].notna().any())


def _goes_on(study) -> str:
    """Say that the month is not over in these data, where it is not."""
    if study.bounds(study.month)[1] <= study.observed_until:
        return ""
    return (
        f"These data end before {month_name(study.month)} is over. What is counted over a whole month is not yet "
        "known; the chapters show what there is."
    )


def _observed(study) -> str:
    first = pd.Timestamp(study.observed_from, unit="us", tz="UTC").tz_convert(study.zone)
    last = study.until.tz_localize("UTC").tz_convert(study.zone) - pd.Timedelta(days=1)
    days = dict.fromkeys((f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"))
    return " to ".join(days)


@cache
def template(name: str):
    """A template of this folder; whatever is put into it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["count"] = number
    environment.globals["style"] = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))
    return environment.get_template(name)
