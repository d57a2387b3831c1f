"""What a report keeps for the programs that read it: every metric of the catalogue, as numbers.

Unit: one metric in one month, and one run. Values are raw: shares in [0, 1], money in minor units.
A value not known is null, an infinite one the text "Infinity".
"""

from apijourney.metrics.records import as_records
from apijourney.metrics.catalog import CATALOG


def make_record(study, metrics: dict, chapters: dict[str, dict]) -> dict:
    """Gather a report's numbers and where they come from.

    metrics : id → table by month, or `NotMeasurable`. chapters : name → chapter.
    """
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
        "timezone": book.timezone,
        "currency": book.currency,
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
    }
