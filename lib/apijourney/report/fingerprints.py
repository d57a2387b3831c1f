"""When is a result still the result? The fingerprints of the code, the data and a metric's definition.

Unit: one run. Two equal fingerprints mean that the same was computed from the same; two different ones only that
it may differ. Nothing here holds a value of the data.
"""

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import apijourney
from apijourney.metrics.catalog import CATALOG

_DEFINING = ("timezone", "week_starts", "currency", "observed_from", "products", "journey", "funnel", "definitions", "slo")


def short(*parts) -> str:
    """Sixteen letters that stand for some plain values.

    >>> short("a", 1) == short("a", 1), short("a", 1) == short("a", 2)
    (True, False)
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def code_version() -> str:
    """Stands for the program: every file of this package, Python, and what is installed beside it."""
    package = Path(apijourney.__file__).parent
    files = [f for f in sorted(package.rglob("*")) if f.suffix in {".py", ".yaml", ".j2", ".css"}]
    written = [(str(f.relative_to(package)), hashlib.sha256(f.read_bytes()).hexdigest()) for f in files]
    beside = sorted({(d.metadata["Name"], d.version) for d in distributions()}, key=str)
    return short(written, beside, sys.version_info[:3])


def data_version(study) -> str:
    """Stands for the data a study reads: the versions of its sources and the fingerprints of its facts."""
    try:
        manifest = json.loads((study.store.folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    return short(manifest.get("tables"), manifest.get("facts"))


def definition_versions(workbook) -> dict[str, str]:
    """Stands for what each metric means: its catalogue entry, and what the workbook file defines. Metric → text."""
    told = workbook.model_dump(include=set(_DEFINING), mode="json")
    entries = {name: (e.formula, e.unit, e.counted, e.tables, e.columns) for name, e in CATALOG.items()}
    return {name: short(entry, told) for name, entry in entries.items()}
