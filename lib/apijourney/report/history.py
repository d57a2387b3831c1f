"""What did each report say, and what had been said before? The memory of a folder of reports.

Unit: one metric in one month, as one report stated it. `history.parquet` only grows: a report made again adds its
rows and marks those it replaces as restated. Whatever was published and is not in it is taken from that report's
`metrics.json`, so a run stopped between the two loses nothing. It decides nothing about the numbers.
"""

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from apijourney.report.fingerprints import short
from apijourney.report.progress import Say

FILE = "history.parquet"
_PREVIOUS = ".history.previous.parquet"
_TEXT = pa.string()
SCHEMA = pa.schema(
    {
        "company": _TEXT, "segment": _TEXT, "product": _TEXT, "report_month": _TEXT, "published_at": _TEXT, "run": _TEXT,
        "status": _TEXT, "restated_at": _TEXT, "metric": _TEXT, "unit": _TEXT, "month": _TEXT, "value": pa.float64(),
        "low": pa.float64(), "high": pa.float64(), "numerator": pa.float64(), "denominator": pa.float64(),
        "mature": pa.bool_(), "definition": _TEXT, "program": _TEXT, "data": _TEXT,
    }
)  # fmt: skip
_NUMBERS = ["value", "low", "high", "numerator", "denominator"]


def read_history(out: Path) -> pd.DataFrame:
    """Everything the reports of a folder have said: the columns of `SCHEMA`, `restated_at` empty where it still holds.

    A file that cannot be read is answered with the generation before it.
    """
    for name in (FILE, _PREVIOUS):
        try:
            return pa.parquet.read_table(out / name, schema=SCHEMA).to_pandas()
        except (OSError, pa.ArrowException):
            continue
    return SCHEMA.empty_table().to_pandas()


def update_history(out: Path, say: Say = lambda line: None) -> pd.DataFrame:
    """Bring the history up to what is published, and return it. Who calls holds `sharing(out)`."""
    for left in (*out.glob(".history.*.tmp"), *out.glob(".history.*.old"), *out.glob(".index.*.tmp")):
        left.unlink(missing_ok=True)  # of a run that was killed while it held what this one holds now
    known = read_history(out)
    runs = set(known["run"])
    fresh = [rows for record in published(out) if (rows := statements(record)) is not None and rows["run"].iloc[0] not in runs]
    damaged = (out / FILE).exists() and not _is_readable(out / FILE)
    if damaged:
        aside = out / f"history.damaged-{short(os.urandom(8).hex())[:6]}.parquet"
        (out / FILE).rename(aside)
        say(f"{FILE} could not be read; it is kept as {aside.name}, and was made again from what there is")
    if not fresh and not damaged:
        return known
    for rows in fresh:
        known = _with(known, rows)
    _write(known, out)
    return known


def take_in(out: Path, content: bytes) -> bool:
    """Add to the history of a folder what another machine's knows, so that neither loses a number of the other.

    content : the other `history.parquet`. False, and nothing done, where it cannot be read. Who calls holds `sharing(out)`.
    """
    try:
        other = pa.parquet.read_table(pa.BufferReader(content), schema=SCHEMA).to_pandas()
    except (OSError, pa.ArrowException):
        return False
    known = read_history(out)
    both = joined(known, other)
    if not (out / FILE).exists() or not both.equals(known):
        out.mkdir(parents=True, exist_ok=True)
        _write(both, out)
    return True


def joined(known: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Every run of two histories once; of each month and scope, all but the latest publication are restated."""
    extra = other[~other["run"].isin(known["run"])]
    both = pd.concat([known, extra], ignore_index=True) if len(known) else other.reset_index(drop=True)
    marks = other[other["restated_at"] != ""].drop_duplicates("run").set_index("run")["restated_at"]
    latest = both.groupby(["company", "segment", "product", "report_month"])["published_at"].transform("max")
    open_ = both["restated_at"] == ""
    told = pd.Series([marks.get(run, "") for run in both["run"]], index=both.index, dtype="str").where(open_, both["restated_at"])
    both["restated_at"] = told.where((told != "") | (both["published_at"] == latest), latest).astype(both["restated_at"].dtype)
    return both


def published(out: Path) -> list[dict]:
    """The records of all reports in a folder, the oldest publication first."""
    found = []
    for file in out.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/metrics.json"):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            record["month"], record["company"]  # noqa: B018 - what is no record is passed over
        except (OSError, ValueError, KeyError, TypeError):
            continue
        record.setdefault("run", short(record))
        found.append(record)
    return sorted(found, key=lambda r: (r.get("published_at", ""), r["month"]))


def statements(record: dict) -> pd.DataFrame | None:
    """What one report says, as rows of the history; None where it says no number."""
    rows = pd.DataFrame(record.get("metrics", []))
    if rows.empty:
        return None
    definitions = record.get("definitions", {})
    rows = rows.assign(
        company=record["company"], segment=record.get("segment", "all"), product=record.get("product", "all"),
        report_month=record["month"], published_at=record.get("published_at", ""), run=record["run"],
        status=record.get("status", ""), restated_at="", definition=[definitions.get(m, "") for m in rows["metric"]],
        program=record.get("program", ""), data=record.get("data", ""),
    ).reindex(columns=SCHEMA.names)  # fmt: skip
    rows[_NUMBERS] = rows[_NUMBERS].astype("float64")
    rows["mature"] = rows["mature"].astype("bool")
    return rows


def same_scope(history: pd.DataFrame, company: str, segment: str, product: str) -> pd.DataFrame:
    """Only what was said about one company, or one segment or product of it."""
    scope = (history["company"] == company) & (history["segment"] == segment) & (history["product"] == product)
    return history[scope]


def _with(known: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add what a report says, and mark what an earlier making of it said as restated."""
    new = rows.iloc[0]
    before = same_scope(known, new["company"], new["segment"], new["product"])
    before = before[(before["report_month"] == new["report_month"]) & (before["restated_at"] == "")]
    known = known.copy()
    known.loc[before.index, "restated_at"] = new["published_at"] or "later"
    return pd.concat([known, rows], ignore_index=True) if len(known) else rows.reset_index(drop=True)


def _is_readable(file: Path) -> bool:
    try:
        pa.parquet.read_table(file, schema=SCHEMA)
    except (OSError, pa.ArrowException):
        return False
    return True


def _write(history: pd.DataFrame, out: Path) -> None:
    """Write beside and rename; the generation before stays beside, for a disk that breaks the new one."""
    aside = out / f".history.{os.getpid()}.tmp"
    try:
        pa.parquet.write_table(pa.Table.from_pandas(history, SCHEMA, preserve_index=False), aside, compression="zstd")
        with aside.open("rb+") as opened:
            os.fsync(opened.fileno())
        if (out / FILE).exists():
            previous = out / f".history.{os.getpid()}.old"
            previous.unlink(missing_ok=True)
            shutil.copyfile(out / FILE, previous)
            previous.replace(out / _PREVIOUS)
        aside.replace(out / FILE)
    finally:
        aside.unlink(missing_ok=True)
