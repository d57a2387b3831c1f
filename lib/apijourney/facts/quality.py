"""What does a reader have to know about the rows: which were put aside, left out, or kept with a doubt?

Unit: a check of a table. Counted up to the reported month; it judges no metric.
"""

import pandas as pd

from apijourney.facts.as_known import as_known
from apijourney.facts.definitions import is_test_key
from apijourney.facts.doubts import doubts
from apijourney.facts.endpoints import UNMATCHED, with_endpoints
from apijourney.formats import percent
from apijourney.localtime import local_day_of
from apijourney.sources.contracts import CONTRACTS, STREAMS
from apijourney.sources.gate import QUALITY_COLUMNS
from apijourney.workbook_tables import TableSource


ENVIRONMENTS = ("production", "sandbox")


def quality(study) -> pd.DataFrame:
    """What was put aside or left out, counted: table, check, column, rows, example, severity."""
    rows = study.store.quarantine(study.data_months)
    more = [*_bots(study), *_internal(study), *_calls(study), *_days(study), *_words(study), *doubts(study)]
    more = pd.DataFrame([row for row in more if row[3]], columns=QUALITY_COLUMNS)
    return pd.concat([rows, more]).sort_values(["table", "check"], ignore_index=True) if len(more) else rows


def _bots(study):
    if "touchpoints" in study.tables:
        check = "not a person (crawler, monitor or agent)"
        yield "touchpoints", check, "properties", int(study.is_bot.sum()), "", "left out"


def _internal(study):
    flags = study.everyone["is_internal"].fillna(False).astype(bool)
    yield "accounts", "internal account", "is_internal", int(flags.sum()), "", "left out"


_SURVEYS = ("nps", "csat", "ces")


def _words(study):
    """A kind of survey that no metric reads, such as "NSP": what is under it is in no metric."""
    kinds = as_known("surveys", study.store.ledger("surveys"), study.until, study.until_day)["kind"].dropna()
    odd = kinds[~kinds.isin(_SURVEYS)]
    if len(odd):
        yield "surveys", _odd_word("surveys", "kind", _SURVEYS), "kind", len(odd), str(odd.min()), "kept, in no metric of these"


def _odd_word(name: str, column: str, known: tuple[str, ...]) -> str:
    return f"{column} that is none of {', '.join(known)}; tables.{name}.columns.{column}.values says what it means"


def _days(study):
    """West of Greenwich, a day without a clock, read as midnight UTC, is the evening before: of a first, the month before."""
    for name in study.tables:
        for column in [c for c, kind in CONTRACTS[name].columns.items() if kind == "instant"]:
            first, days = _days_alone(study, name, column)
            if not days or local_day_of(first, study.zone) == first.to_numpy().astype("datetime64[D]"):
                continue
            declared = study.workbook.tables.get(name, TableSource())
            source = declared.columns[column].column if column in declared.columns else column
            of = "" if source in ("", column) else f" (in the file: “{source}”)"
            check = (
                f"day without a clock{of}, read as midnight UTC: the evening before in {study.zone}; if they are days of "
                f"{study.zone}, set tables.{name}.timezone: {study.zone}"
            )
            yield name, check, column, days, f"{first:%Y-%m-%d}", "kept, a local day earlier"


def _days_alone(study, name: str, column: str) -> tuple[pd.Timestamp, int]:
    """The first instant of a column and how many there are, if all of them are midnights; else none."""
    if name in STREAMS:
        files = study.store.paths(name, study.data_months)
        if not files or local_day_of(_SOME_MIDNIGHT, study.zone) == _SOME_MIDNIGHT.to_numpy().astype("datetime64[D]"):
            return pd.NaT, 0  # east of Greenwich nothing is told, and nothing has to be read
        told = study.con.read_parquet(files)[column]
        clock = (told != told.truncate("D")).sum().fill_null(0)
        first, days, clocks = told.as_table().aggregate(first=told.min(), days=told.count(), clocks=clock).to_pandas().iloc[0]
        return (pd.Timestamp(first), int(days)) if days and not clocks else (pd.NaT, 0)
    told = study.store.ledger(name)[column].dropna()
    midnights = len(told) and (told == told.dt.normalize()).all()
    return (told.min(), len(told)) if midnights else (pd.NaT, 0)


_SOME_MIDNIGHT = pd.Timestamp("2026-01-01")


def _calls(study):
    files = study.store.paths("requests", study.data_months) if "requests" in study.tables else []
    if not files:
        return
    raw = study.con.read_parquet(files)
    raw = with_endpoints(raw.mutate(path=raw.endpoint), study.workbook)
    stray = raw.endpoint == UNMATCHED
    odd = raw.environment.notnull() & raw.environment.notin(ENVIRONMENTS)
    nobody = raw.account_id.isnull() & raw.developer_id.isnull()
    counts = raw.aggregate(
        calls=raw.count(), tests=is_test_key(raw, study.workbook).sum(), nobody=nobody.sum(), stray=stray.sum(),
        path=raw.path.min(where=stray), odd=odd.sum(), environment=raw.environment.min(where=odd),
    ).to_pandas()  # fmt: skip
    found = counts.iloc[0].where(lambda v: v.notna(), 0)
    yield "requests", "call with a test key", "key_id", int(found["tests"]), "", "left out"
    why = "rejected key" if found["nobody"] < found["calls"] else "no call names an account"
    yield "requests", f"call of nobody known ({why})", "account_id", int(found["nobody"]), "", "kept, belongs to no account"
    check = _odd_word("requests", "environment", ENVIRONMENTS)
    yield "requests", check, "environment", int(found["odd"]), found["environment"], "kept, neither of them"
    if found["stray"] > 0:
        check = f"path that fits no endpoint of a product ({percent(found['stray'] / found['calls'])} of the calls)"
        yield "requests", check, "endpoint", int(found["stray"]), found["path"], f"kept, as {UNMATCHED}"
