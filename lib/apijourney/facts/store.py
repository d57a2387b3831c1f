"""The fact store: what was computed once, kept by month, and computed again only where needed.

A stream (touchpoints, requests) is split into local months. Each month has a fingerprint: the
number of its rows and a sum of their hashes. The facts of a month whose fingerprint changed are built
again; the others stay. Where files came to a stream and none changed, only those are read. The other
tables are small and are read whole. Identities are not applied here: facts keep the ids as they came.
"""

import shutil
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.compute
from filelock import FileLock

from apijourney.errors import WorkbookError
from apijourney.facts.actors import read_actors
from apijourney.facts.cache_folder import cache_folder
from apijourney.facts.intake import NO_MONTH, Intake
from apijourney.facts.manifest import Manifest
from apijourney.facts.money import facts as money
from apijourney.facts.money.undated_credits import with_credit_periods
from apijourney.facts.month_facts import FACTS, MonthFacts, actors_file, fact_file
from apijourney.facts.month_files import write_parquet
from apijourney.sources.canonical import SourceTable
from apijourney.sources.contracts import CONTRACTS, STREAMS
from apijourney.sources.gate import added, count_values, quality_rows, stop_if_unfit, with_reason
from apijourney.sources.tables import Sources
from apijourney.workbook import Workbook

MONEY = {"revenue": ("invoices", "fx_rates"), "cost": ("costs", "fx_rates")}
_ENGINE_MEMORY = "3GB"  # beyond it the engine lays its work down in the store's folder


class FactStore:
    """Facts of one workbook on disk. `build` brings them up to date; the rest reads them."""

    def __init__(self, workbook: Workbook, progress: Callable[[str], None] | None = None):
        self.workbook = workbook
        self.say = progress or (lambda line: None)
        self.folder = cache_folder(workbook)
        self.rebuilt: list[str] = []
        self._tables: dict[str, dict] = {}
        self._built: bytes | None = None

    def build(self) -> "FactStore":
        """Check the sources and bring every fact up to date.

        Raises
        ------
        WorkbookError : when a table cannot be used; nothing of the store has changed then.
        """
        sources = Sources(self.workbook)
        self._built = None
        self.folder.mkdir(parents=True, exist_ok=True)
        for setting, value in {"memory_limit": _ENGINE_MEMORY, "temp_directory": str(self.folder / "spill")}.items():
            sources.con.con.execute(f"SET {setting} = ?", [value])
        with FileLock(self.folder / ".lock"):
            manifest = Manifest.of(self.folder)
            gone = set(manifest.tables) - set(sources.names)
            for name in gone:
                self._forget(manifest, name)
            versions = {n: sources.version(n) for n in sources.names}
            stale = [n for n in versions if manifest.tables.get(n, {}).get("version") != versions[n]]
            parts = {name: self._part(sources, name, manifest) for name in stale}
            counts = {name: self._counts(parts[name], manifest, sources[name]) for name in stale}
            if stale or gone:  # a build that dies half-way must not be taken for a whole one
                manifest.withdraw()
            for name in stale:
                known, part = manifest.tables.get(name, {}), parts[name]
                rows = counts[name]["rows"] - (known["rows"] if part is not sources[name] else 0)
                self.say(f"reading {name} ({rows:,} {'' if part is sources[name] else 'new '}rows)")
                months = {}
                if name in STREAMS:
                    months = self._refresh_stream(sources, part, known.get("months", {}), adds=part is not sources[name])
                else:
                    self._refresh_ledger(sources, name)
                manifest.tables[name] = {
                    "version": versions[name], "months": months, "rows": counts[name]["rows"], "counts": counts[name],
                    "label": sources[name].label,
                }  # fmt: skip
            self._refresh_facts(sources, manifest)
            self._refresh_money(manifest, {*stale, *gone})
            for name in stale:
                if sources.version(name) != versions[name]:
                    raise WorkbookError(f"{sources[name].label}: the file changed while it was read; run it again.")
            manifest.write()
            self._built = manifest.as_written()
        self._tables = manifest.tables
        return self

    def check_unchanged(self) -> None:
        """Refuse to go on when somebody else has built these facts anew from other data."""
        if self._built is not None and Manifest(self.folder).as_written() != self._built:
            raise WorkbookError(
                f"{self.workbook.path.name}: the data changed while they were read; run it again."
            )

    def tables(self) -> dict[str, dict]:
        """What was read: table → version, rows, label and the fingerprints of its months."""
        return self._tables

    def paths(self, kind: str, months: list[str]) -> list[str]:
        """The files of a fact or a clean stream for some months, those that exist."""
        self.check_unchanged()
        found = (fact_file(self.folder, kind, m) for m in months)
        return [str(p) for p in found if p.exists()]

    def months(self, kind: str) -> list[str]:
        """The months that a fact or a clean stream is kept for."""
        return sorted(f.stem for f in (self.folder / kind).glob("[0-9]*.*"))

    def actors(self) -> pd.DataFrame:
        """The ids behind the actor numbers of the event log; the number is the row."""
        self.check_unchanged()
        return read_actors(actors_file(self.folder)).to_pandas()

    def ledger(self, name: str) -> pd.DataFrame:
        """A small table, clean, as pandas; with all columns and no row where it is not there."""
        self.check_unchanged()
        file = self.folder / name / "all.parquet"
        if not file.exists():
            return pd.DataFrame({c: pd.Series(dtype="object") for c in CONTRACTS[name].columns})
        return pd.read_parquet(file)

    def quarantine(self, months: list[str] | None = None) -> pd.DataFrame:
        """The rows put aside, counted: table, check, column, rows, example, severity.

        months : of streams, only rows of these months and rows without a time; None = all.
        """
        parts = []
        for name in self.tables():
            files = sorted((self.folder / "quarantine" / name).glob("*.parquet"))
            if months is not None and name in STREAMS:
                files = [f for f in files if f.stem in (*months, NO_MONTH)]
            if not files:
                continue
            rows = pd.concat([pd.read_parquet(f) for f in files], ignore_index=True)
            if rows.empty:
                continue
            contract = CONTRACTS[name]
            shown = contract.key or next(iter(contract.columns))
            counts = rows.groupby("reason", as_index=False).agg(
                rows=("reason", "size"), example=(shown, lambda v: str(v.dropna().min()) if v.notna().any() else "")
            )
            parts.append(quality_rows(name, counts, contract))
        columns = ["table", "check", "column", "rows", "example", "severity"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    # -- building -------------------------------------------------------------------------------

    def _part(self, sources: Sources, name: str, manifest: Manifest) -> SourceTable:
        """What of a table has to be read: the files that came, where nothing else changed; else all."""
        came = sources[name].came_since(manifest.tables.get(name, {}).get("version", [])) if name in STREAMS else ()
        return sources.part(name, came) if 0 < len(came) < len(sources[name].files) else sources[name]

    def _counts(self, part: SourceTable, manifest: Manifest, whole: SourceTable) -> dict:
        """Count the values that cannot be read, in what was read before too; stop where they are too many."""
        counts = count_values(part)
        if part is not whole:
            counts = added(counts, manifest.tables[part.contract.name]["counts"])
        stop_if_unfit(whole, counts)
        return counts

    def _refresh_ledger(self, sources: Sources, name: str) -> None:
        reasoned = sources.con.to_pyarrow(with_reason(sources[name]))
        usable = reasoned.filter(pa.compute.is_null(reasoned["reason"])).drop_columns("reason")
        aside = reasoned.filter(pa.compute.is_valid(reasoned["reason"]))
        contract = sources[name].contract
        if contract.key or contract.copies:  # the engine told equal rows apart, and hands all over in any order
            usable = usable.sort_by([(column, "ascending") for column in contract.columns])
        write_parquet(usable, self.folder / name / "all.parquet")
        write_parquet(aside, self.folder / "quarantine" / name / "all.parquet")
        self.rebuilt.append(name)

    def _refresh_stream(self, sources: Sources, part: SourceTable, known: dict, *, adds: bool) -> dict:
        """Take in the rows of a stream, or of the files that came to it; return the months' fingerprints."""
        intake = Intake(sources.con, self.folder, part.contract, kept=known if adds else {})
        months = intake.take_in(part, self.workbook.timezone)
        for month in sorted(m for m in months if months[m] != known.get(m)):
            intake.adopt(month)
            self.rebuilt.append(f"{part.contract.name} {month}")
        for month in set(known) - set(months):
            intake.drop(month)
        intake.clear()
        return months

    def _refresh_facts(self, sources: Sources, manifest: Manifest) -> None:
        prints = {n: manifest.tables.get(n, {}).get("months", {}) for n in STREAMS}
        months = sorted(set().union(*prints.values()) - {NO_MONTH})
        facts = manifest.facts
        built = MonthFacts(sources.con, self.folder, self.workbook, months[0], months[-1]) if months else None
        for month in months:
            wanted = {f: prints[table].get(month, "") for f, table in FACTS.items()}
            wanted["events"] = "/".join(prints[n].get(month, "") for n in STREAMS)
            stale = [f for f in wanted if facts.get(f, {}).get(month) != wanted[f]]
            if not stale:
                continue
            self.say(f"facts of {month}: {', '.join(stale)}")
            for fact in stale:
                built.build(fact, month)
                facts.setdefault(fact, {})[month] = wanted[fact]
                self.rebuilt.append(f"{fact} {month}")
        for fact in facts.keys() - MONEY.keys():
            self._drop_months(fact, facts[fact], set(months))

    def _drop_months(self, fact: str, known: dict, kept: set) -> None:
        for gone in set(known) - kept:
            known.pop(gone)
            for file in self.folder.glob(f"{fact}/{gone}.*"):
                file.unlink()

    def _refresh_money(self, manifest: Manifest, changed: set[str]) -> None:
        """Bring what accounts bring and cost up to date, in the months whose lines or rates changed."""
        rates = self.ledger("fx_rates")
        labels = {name: table["label"] for name, table in manifest.tables.items()}
        asked = [name for name, *_ in MONEY.values() if name in labels and changed & {name, "fx_rates"}]
        lines = {name: (labels[name], self.ledger(name)) for name in asked}
        money.check_rates(lines, rates, self.workbook, label=labels.get("fx_rates", ""))
        dated = pd.to_datetime(rates["date"]).dt.strftime("%Y-%m")
        for fact, (name, _) in MONEY.items():
            if not changed & set(MONEY[fact]):
                continue
            rows = self.ledger(name)
            if fact == "revenue":  # what a credit takes back may have been billed in another month
                rows = with_credit_periods(rows, timezone=self.workbook.timezone)
            month = rows["month"] if fact == "cost" else money.month_of_issue(rows, self.workbook)
            known = manifest.facts.setdefault(fact, {})
            for one, part in rows.groupby(month):
                print_of = f"{_row_sum(part)}-{_row_sum(rates[dated == one])}"
                if known.get(one) == print_of:
                    continue
                table = getattr(money, fact)(part, rates, self.workbook, label=labels[name])
                table = pa.Table.from_pandas(table, schema=money.SCHEMAS[fact], preserve_index=False)
                write_parquet(table, self.folder / fact / f"{one}.parquet")
                known[one] = print_of
                self.rebuilt.append(f"{fact} {one}")
            self._drop_months(fact, known, set(month))

    def _forget(self, manifest: Manifest, name: str) -> None:
        manifest.tables.pop(name)
        for folder in (self.folder / name, self.folder / "quarantine" / name):
            shutil.rmtree(folder, ignore_errors=True)


def _row_sum(rows: pd.DataFrame) -> str:
    """A fingerprint of some rows that does not depend on their order: their number and a sum of hashes."""
    return f"{len(rows)}.{pd.util.hash_pandas_object(rows.astype('str'), index=False).sum() % 2**63}"
