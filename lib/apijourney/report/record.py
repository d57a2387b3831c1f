"""What a report keeps for the programs that read it: every metric of the catalogue, as numbers.

Unit: one metric in one month, and one run. Values are raw: shares in [0, 1], money in minor units.
A value not known is null, an infinite one the text "Infinity".
"""

from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG, measure_all
from apijourney.metrics.records import as_records, from_records, json_value
from apijourney.report.cover import Cover
from apijourney.report.memory import Memory


def gather(study, chapters: dict[str, dict]) -> dict:
    """Every metric of the catalogue: as the first notebook that has it recorded it, else measured now.

    Returns id → table by month, or `NotMeasurable`, in the order of the catalogue.
    """
    recorded: dict = {}
    for chapter in chapters.values():  # a metric that several notebooks show has its months once
        recorded = from_records(_known(chapter["metrics"])) | recorded
    recorded |= measure_all(study, [m for m in CATALOG if m not in recorded])
    return {name: recorded[name] for name in CATALOG}


def _known(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["metric"] in CATALOG]


def make_record(study, metrics: dict, chapters: dict[str, dict], cover: Cover, memory: Memory | None = None) -> dict:
    """Gather a report's numbers and where they come from.

    metrics : id → table by month, or `NotMeasurable`. chapters : name → chapter. cover : from `make_cover`.
    memory : what is known beside the data, from `remember`.
    """
    memory = memory or Memory()
    book = study.workbook
    rows = as_records(metrics)
    for row in rows:
        row["unit"] = CATALOG[row["metric"]].unit
    return {
        "company": book.company,
        "simulated": book.simulated,
        "month": study.month,
        "months": list(study.months),
        "segment": study.segment,
        "product": study.product,
        "timezone": book.timezone,
        "currency": book.currency,
        "run": memory.run,
        "published_at": memory.published_at,
        "status": memory.closing.status if memory.closing else "",
        "final_from": str(memory.closing.final_from) if memory.closing else "",
        "headline": cover.headline,
        "goals": {v: sum(row["verdict"] == v for row in cover.alerts) for v in ("missed", "unclear", "met")},
        "notes": memory.notes,
        "restated": _restated(memory.restated),
        "accounts": _accounts(cover.accounts),
        "notebooks": [
            {
                "name": name,
                "seconds": chapter["seconds"],
                "metrics": sorted({row["metric"] for row in chapter["metrics"]}),
                "findings": len(chapter["findings"]),
            }
            for name, chapter in chapters.items()
        ],
        "metrics": [row for row in rows if "not_measurable" not in row],
        "not_measurable": [
            {"metric": row["metric"], "reason": row["not_measurable"]} for row in rows if "not_measurable" in row
        ],
        "definitions": memory.definitions,
        "program": memory.program,
        "data": memory.data,
    }


def _restated(table) -> list[dict]:
    return [{c: json_value(v) for c, v in row.items()} for row in table.to_dict("records")]


def _accounts(named) -> list[dict]:
    """The accounts to act on as rows, the day since when as text; none where nothing could be looked for."""
    if isinstance(named, NotMeasurable):
        return []
    rows = named.assign(since=named["since"].dt.strftime("%Y-%m-%d")).to_dict("records")
    return [{column: json_value(value) for column, value in row.items()} for row in rows]
