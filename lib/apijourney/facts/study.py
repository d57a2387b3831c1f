"""A study: one company, one month, and everything that was known by its end.

It is what notebooks, metrics and reports read. It opens the facts, leaves out what arrived later,
internal accounts, test keys and bots, and narrows to a segment when asked. It computes no metric.
"""

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.as_known import accounts_at, as_known
from apijourney.facts.company_log import SOURCE_OF, everything_known
from apijourney.facts.endpoints import NO_PRODUCT
from apijourney.facts.event_log import EventLog
from apijourney.facts.known_facts import counting, known_calls, known_fact
from apijourney.facts.money.facts import SCHEMAS as MONEY
from apijourney.facts.month_facts import FACTS
from apijourney.facts.presence import lacking
from apijourney.facts.quality import quality
from apijourney.facts.span import data_span, month_asked
from apijourney.facts.steps import Step
from apijourney.facts.store import FactStore
from apijourney.formats import month_name
from apijourney.localtime import day_start, day_starts, local_day_of, local_days, local_months
from apijourney.sources.contracts import CONTRACTS, STREAMS
from apijourney.sources.engine import connect
from apijourney.workbook import EventFilter, Workbook, load_workbook

_READ_ELSEWHERE = {
    "requests": 'calls are too many for one table; ask study.requests() for those of the month, study.fact("activity") or '
    'study.fact("calls") for their counts by day, or study.events for all as events.',
    "touchpoints": "touchpoints are too many for one table; ask study.events for those of people, or study.everything for "
    "all of them (to_frame() makes a table of either).",
}
GRACE_DAYS = 3
"""A month asked for whose newest row is more days before its end than this is not over yet."""


def open_study(
    workbook: str | Path | Workbook = "sample",
    *,
    month: str = "latest",
    months_back: int = 12,
    segment: str = "all",
    product: str = "all",
    progress: Callable[[str], None] | None = None,
) -> "Study":
    """Open a company's data as known at the end of a month.

    Parameters
    ----------
    workbook : "sample", the path of a workbook file, or a checked `Workbook`.
    month : the month reported on, "2026-10"; "latest" is the last complete one.
    months_back : how many months trends show, the reported one included.
    segment : "all", or one segment of the accounts; accounts count where they stood at sign-up.
    product : "all", or one product; calls, revenue and costs of the others are left out. Visits, sign-ups,
        tickets and whatever else belongs to no product stay.
    progress : called with a line whenever work of some length begins.

    Raises
    ------
    WorkbookError : one sentence on what is wrong and what to do.
    """
    book = workbook if isinstance(workbook, Workbook) else load_workbook(workbook)
    checked_months_back(months_back)
    if month != "latest" and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(month)):
        raise WorkbookError(f'month: "{month}" is not a month; write it as "2026-10", or "latest".')
    return Study(book, FactStore(book, progress).build(), month, months_back, segment, product)


def checked_months_back(months_back: int) -> int:
    """Read how many months trends show."""
    if isinstance(months_back, bool) or not isinstance(months_back, int) or not 1 <= months_back <= 120:
        raise WorkbookError(f"months_back: expected a whole number from 1 to 120, not {months_back!r}.")
    return months_back


def as_study(study: "Study | str | Path | Workbook", *, where: str) -> "Study":
    """A study as it is; of a workbook, the study of its last complete month.

    where : the asking function, for the error.

    Raises
    ------
    WorkbookError : for anything else.
    """
    if isinstance(study, str | Path | Workbook):
        return open_study(study)
    if not hasattr(study, "observed_until") or not hasattr(study, "lacks"):
        raise WorkbookError(
            f"{where}: the first argument is a study, as open_study gives it, or the path of a workbook file, not "
            f"{type(study).__name__}."
        )
    return study


class Study:
    """See the module; made by `open_study`.

    month, months : the month reported on, and the months trends show, "2026-10"
    observed_from, observed_until : the observed interval, microseconds UTC; the end is open. It begins, where the
        workbook file does not say, on the day on which all streams have begun: a rate of two streams cannot be told
        before both are recorded. A stream that begins after the end of the month is not there.
    begins : table → the local day of its first row, of those that decide
    """

    def __init__(
        self, workbook: Workbook, store: FactStore, month: str, months_back: int, segment: str, product: str
    ):
        self.workbook, self.store, self.segment, self.product = workbook, store, segment, product
        self.tables = store.tables()
        covered = data_span(store, workbook)
        data_months, (first, last) = covered.months, (covered.months[0], covered.months[-1])
        self.month = month = month_asked(month, covered, workbook)
        self.data_months = [m for m in data_months if m <= month]
        self.observed_until = self.bounds(month)[1]
        self.begins = {name: day for name, day in covered.begins.items() if day < self.until_day}
        begin = workbook.observed_from or str(max(self.begins.values()))
        self.observed_from = day_start(begin, self.zone)
        ends = covered.last_day + 1
        if month == last and ends + GRACE_DAYS < self.until_day and any(n in self.tables for n in STREAMS):
            self.observed_until = int(day_starts(np.array([ends]), self.zone)[0])  # the month goes on
        if self.observed_from >= self.observed_until:
            raise WorkbookError(
                f"{workbook.place('observed_from')} is {begin}, after the end of month {month}; "
                "choose a later month, or an earlier day."
            )
        every = pd.period_range(max(begin[:7], first), month, freq="M").strftime("%Y-%m")
        self.months = list(every[-months_back:])
        self.all_months = list(every)
        if segment != "all" and segment not in self.segments:
            raise unknown("segment", segment, ["all", *self.segments], where=f"{workbook.path.name}: segment")
        if product != "all" and product not in self.products:
            raise unknown("product", product, ["all", *self.products], where=f"{workbook.path.name}: product")

    def narrowed(self, *, segment: str | None = None, product: str | None = None) -> "Study":
        """The same month of one segment, or of one product."""
        chosen = (segment or self.segment, product or self.product)
        return Study(self.workbook, self.store, self.month, len(self.months), *chosen)

    # -- time -----------------------------------------------------------------------------------

    @property
    def zone(self) -> str:
        return self.workbook.timezone

    @property
    def until(self) -> pd.Timestamp:
        """The first instant not known, naive UTC."""
        return pd.Timestamp(self.observed_until, unit="us")

    @property
    def until_day(self) -> np.datetime64:
        """The local day that begins at `until`."""
        return local_days(np.array([self.observed_until]), self.zone)[0]

    @property
    def from_day(self) -> np.datetime64:
        """The first local day observed."""
        return local_days(np.array([self.observed_from]), self.zone)[0]

    def bounds(self, month: str) -> tuple[int, int]:
        """First instant of a local month and of the next, microseconds UTC."""
        start = np.datetime64(month, "M")
        days = np.array([start, start + 1]).astype("datetime64[D]")
        return tuple(int(v) for v in day_starts(days, self.zone))

    def local_month(self, instants: pd.Series) -> pd.Series:
        """The local month of each naive UTC instant, "2026-10"; empty where the instant is."""
        return local_months(instants, self.zone)

    @property
    def span(self) -> str:
        """The months shown, as a reader says it: "November 2025 to October 2026"."""
        return " to ".join(dict.fromkeys(month_name(m) for m in (self.months[0], self.month)))

    @property
    def scope(self) -> str:
        """Whose numbers these are, as a reader is told: the segment and the product."""
        who = "All segments." if self.segment == "all" else f"Segment “{self.segment}” at sign-up."
        if self.product == "all":
            return who
        return (
            f"{who} Calls, revenue and costs of the product “{self.product}” alone; costs that name no endpoint are "
            "left out; visits, sign-ups, tickets and machines belong to no product, and are those of all."
        )

    def whole(self, month: str) -> bool:
        """Was the whole of this local month observed?"""
        start, end = self.bounds(month)
        return self.observed_from <= start and end <= self.observed_until

    def local_day(self, instant: pd.Timestamp) -> np.datetime64:
        """The local day of one naive UTC instant."""
        return local_day_of(instant, self.zone)

    # -- what is there --------------------------------------------------------------------------

    def lacks(self, *needs: str) -> list[str]:
        """Which of these tables, or columns of them, are not there? See `apijourney.facts.presence.lacking`."""
        return lacking(self, *needs)

    @staticmethod
    def source_of(filter: EventFilter) -> str:
        """The canonical table an event comes from."""
        return SOURCE_OF.get(filter.event, "touchpoints")

    def step(self, name: str) -> Step:
        """A touchpoint of the journey as a step of a funnel."""
        found = self.workbook.touchpoint(name).filter
        return Step(found.event, where=found.where)

    @cached_property
    def active_step(self) -> Step:
        active = self.workbook.definitions.active
        return Step(active.event, where=active.where)

    # -- small tables, as known -----------------------------------------------------------------

    def table(self, name: str) -> pd.DataFrame:
        """A small table as known at `until`, internal accounts left out, narrowed to the segment.

        With all columns and no row where the company has no such table. Raises WorkbookError for a name that is none,
        and for calls and touchpoints, which are too many for one table.
        """
        where = f"study.table({name!r})"
        if name not in CONTRACTS:
            raise unknown("table", name, CONTRACTS, where=where)
        if name in STREAMS:
            raise WorkbookError(f"{where}: {_READ_ELSEWHERE[name]}")
        rows = as_known(name, self.store.ledger(name), self.until, self.until_day)
        if name != "accounts" and "account_id" in rows and len(rows):
            rows = rows[self._counts(rows["account_id"])]
        return rows.reset_index(drop=True)

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Customers' accounts with the attributes that held at `until`, and `entry_segment`."""
        everyone = self.everyone
        return everyone[self._counts(everyone["account_id"])].reset_index(drop=True)

    @cached_property
    def everyone(self) -> pd.DataFrame:
        """All accounts with the attributes that held at `until`, internal ones and other segments too."""
        known = {
            n: as_known(n, self.store.ledger(n), self.until, self.until_day)
            for n in ("accounts", "account_history")
        }
        changes = self.store.ledger("account_history")["account_id"].dropna()
        later = frozenset(changes) - frozenset(known["account_history"]["account_id"].dropna())
        return accounts_at(known["accounts"], known["account_history"], later)

    @cached_property
    def left_out(self) -> set[str]:
        """Accounts that do not count: internal ones, and those of other segments."""
        everyone = self.everyone
        if everyone.empty:
            return set()
        out = everyone["is_internal"].fillna(False).astype(bool)
        if self.segment != "all":
            out |= everyone["entry_segment"] != self.segment
        return set(everyone.loc[out, "account_id"])

    def _counts(self, ids: pd.Series) -> pd.Series:
        keep = ~ids.isin(self.left_out)
        return keep & ids.notna() if self.segment != "all" else keep

    @cached_property
    def segments(self) -> list[str]:
        """The segments of the accounts, as they stood at sign-up."""
        everyone = self.everyone
        return sorted(everyone["entry_segment"].dropna().unique()) if len(everyone) else []

    @cached_property
    def products(self) -> list[str]:
        """The products of the endpoints, as the workbook file orders them, then others that are billed.

        "(no product)" stands last where something belongs to none.
        """
        of_calls = self.products_in("activity") if self.store.months("activity") else set()
        of_money = self.products_in("revenue") | self.products_in("cost")
        named = [*self.workbook.products, *sorted(of_money - {NO_PRODUCT})]
        return [*dict.fromkeys(named), *([NO_PRODUCT] if NO_PRODUCT in of_calls | of_money else [])]

    def products_in(self, kind: str) -> set[str]:
        """The products, "(no product)" among them, that a fact has rows of."""
        return set(known_fact(self, kind).select("product").distinct().to_pandas()["product"])

    # -- facts ----------------------------------------------------------------------------------

    @cached_property
    def con(self):
        return connect()

    def fact(self, kind: str, months: list[str] | None = None) -> ibis.Table:
        """A fact as an Ibis table, as known, for some months (all up to `month` by default); calls since `observed_from`.

        kind : "activity", "calls" or "latency" of calls, "revenue" or "cost" of money.
        """
        if kind not in (*FACTS, *MONEY):
            raise unknown("fact", kind, (*FACTS, *MONEY), where=f"study.fact({kind!r})")
        return counting(self, known_fact(self, kind, months))

    def requests(self, months: list[str] | None = None) -> ibis.Table:
        """The clean calls themselves, observed and known, for exact percentiles and forensics.

        `endpoint` is the template, `product` the product it belongs to.
        """
        return known_calls(self, months or [self.month])

    @cached_property
    def everything(self) -> EventLog:
        """The event log with bots: every touchpoint, call, invoice, ticket, opening and closing."""
        return everything_known(self)

    @cached_property
    def events(self) -> EventLog:
        """The event log of people and their programs: crawlers, monitors and agents left out.

        It knows the company's zone, and refuses the name of an event that neither the journey nor the data know.
        """
        bots = self.is_bot
        return self.everything.select(~bots) if bots.any() else self.everything

    @property
    def is_bot(self) -> np.ndarray:
        agent = self.everything.properties.get("agent")
        if agent is None:
            return np.zeros(len(self.everything), dtype=bool)
        return np.asarray(agent.isin(self.workbook.definitions.bots.values))

    @cached_property
    def active_log(self) -> EventLog:
        """Only the events that make an account active in the workbook's definition."""
        return self.events.select(self.events.mask(self.active_step))

    # -- what a reader has to know --------------------------------------------------------------

    @cached_property
    def annotations(self) -> pd.DataFrame:
        """Notes for time axes: date, text, kind."""
        notes = self.table("annotations")
        return notes.assign(date=pd.to_datetime(notes["date"])) if len(notes) else notes

    @cached_property
    def quality(self) -> pd.DataFrame:
        """What was put aside or left out, counted: table, check, column, rows, example, severity."""
        return quality(self)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """The canonical tables: which are there, from which file, with how many rows."""
        return pd.DataFrame(
            {
                "table": list(CONTRACTS),
                "grain": [c.grain for c in CONTRACTS.values()],
                "rows": [self.tables.get(n, {}).get("rows", 0) for n in CONTRACTS],
                "source": [self.tables.get(n, {}).get("label", "") for n in CONTRACTS],
            }
        )
