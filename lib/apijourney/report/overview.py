"""Which reports are there? One page over all months of a folder, the newest first.

Unit: a folder of reports. It is made from the records of the reports that stand there, so it can always be made again.
"""

import os
from pathlib import Path

from apijourney.formats import month_name
from apijourney.report.history import published

_FILES = (("report.pdf", "PDF"), ("metrics.csv", "numbers as CSV"), ("metrics.json", "numbers as JSON"))


def write_overview(out: Path) -> None:
    """Write `index.html` beside the months: beside first, then renamed."""
    from apijourney.report.page import template

    records = sorted(published(out), key=lambda r: r["month"], reverse=True)
    months = [
        {
            "month": r["month"],
            "name": month_name(r["month"]),
            "status": r.get("status", ""),
            "published": r.get("published_at", "")[:10],
            "headline": r.get("headline", [])[:1],
            "goals": r.get("goals", {}),
            "restated": sum(bool(row["seen"]) for row in r.get("restated", [])),
            "files": [(path, words) for name, words in _FILES for path in r.get("files", ["metrics.json"]) if Path(path).name == name],
        }
        for r in records
    ]
    simulated = bool(records) and all(r.get("simulated") for r in records)
    companies = sorted({r["company"] for r in records})
    page = template("overview.html.j2").render(months=months, company=", ".join(companies), simulated=simulated)
    aside = out / f".index.{os.getpid()}.tmp"
    aside.write_text(page, encoding="utf-8")
    aside.replace(out / "index.html")
