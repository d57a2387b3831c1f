"""In which folder are the facts of a workbook kept?

Unit: a workbook. Its folder is named by everything that facts depend on: where the data are and how they are
mapped, the zone, the currency, the definitions read while facts are built, and the code that builds them. What
changes one of these gets another folder, so facts of two meanings never meet.
"""

import hashlib
import json
import os
from pathlib import Path

import platformdirs

import apijourney
from apijourney.workbook import Workbook


def cache_root() -> Path:
    """Where facts are kept: the folder in APIJOURNEY_CACHE, else the user's cache folder."""
    named = os.environ.get("APIJOURNEY_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("apijourney"))


def cache_folder(workbook: Workbook) -> Path:
    """The folder of one workbook's facts; it need not be there yet."""
    package = Path(apijourney.__file__).parent
    code = [package / "localtime.py"]
    code += sorted((package / "sources").glob("*.py")) + sorted((package / "facts").rglob("*.py"))
    parts = {
        "source": str((workbook.folder / workbook.source).resolve()),
        "tables": {n: t.model_dump() for n, t in workbook.tables.items()},
        "folder": str(workbook.folder) if workbook.tables else "",
        "timezone": workbook.timezone,
        "currency": workbook.currency,
        "products": workbook.products,
        "test_keys": workbook.definitions.test_keys,
        "bots": workbook.definitions.bots.property,
        "code": [hashlib.sha256(f.read_bytes()).hexdigest() for f in code],
    }
    return cache_root() / hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
