"""The canonical tables: which columns each has, of which type, and which rows are not usable.

Every source is brought into this form first; all facts and metrics read only this form.
All tables are optional. A table that is there must have its required columns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from apijourney.formats import MINOR_DIGITS

_TYPES = {
    "string": dt.string,
    "integer": dt.int64,
    "number": dt.float64,
    "decimal": dt.string,
    "instant": dt.Timestamp(),
    "date": dt.date,
    "month": dt.string,
    "boolean": dt.boolean,
}
SKEW_SECONDS = 300
CURRENCIES = tuple(MINOR_DIGITS)
INVOICE_KINDS = ("subscription", "usage", "one_off", "credit", "refund")
COST_CATEGORIES = ("infrastructure", "support", "marketing", "sales", "operations")
OWN_EVENTS = ("request", "invoice", "ticket", "account_created", "account_closed")
"""What rows of the other tables are called as events; a touchpoint of such a name would be taken for one of them."""
MOST_MINOR = 10**15
"""An amount beyond it is no money of one line; sums of many such would not fit a whole number."""


@dataclass(frozen=True)
class Contract:
    """One canonical table.

    grain : what one row is
    columns : canonical name to type (string, integer, number, decimal as text, instant in UTC, date, month, boolean)
    required : columns without which the table says nothing
    key : the id that tells a duplicate from a true repeat
    copies : where there is no key, an id whose rows that are alike in every column are copies of one
    time : the instant (or date, or month) a row belongs to
    one_of : at least one of these ids must be a column
    choices : columns that hold one of a few words
    unusable : rows of no use, as (reason, column, rule); they go to quarantine
    """

    name: str
    grain: str
    columns: dict[str, str]
    required: tuple[str, ...]
    key: str = ""
    copies: str = ""
    time: str = ""
    one_of: tuple[str, ...] = ()
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    unusable: tuple[tuple[str, str, Callable], ...] = field(default=(), repr=False)

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema of the table in canonical form (all columns, missing ones null)."""
        columns = {n: pa.Column(_TYPES[t], nullable=True) for n, t in self.columns.items()}
        return pa.DataFrameSchema(columns, name=self.name)

    def dtype(self, column: str):
        return _TYPES[self.columns[column]]


def _columns(**groups: str) -> dict[str, str]:
    return {name: kind for kind, names in groups.items() for name in names.split()}


def _missing(column: str) -> tuple[str, str, Callable]:
    return (f"no {column}", column, lambda t: t[column].isnull())


def _arrived_before_it_happened(t):
    return (t.occurred_at.epoch_seconds() - t.received_at.epoch_seconds()) > SKEW_SECONDS


FIRST_YEAR = 2000
UNLIKELY = f"not between {FIRST_YEAR} and 2069"


def _unlikely(column: str, since: int = 1990) -> tuple[str, str, Callable]:
    """One slip of a clock must not stretch every chart over thousands of years. since : nobody called an API before
    2000, but companies, and their bills, may be older."""
    return (f"not between {since} and 2069", column, lambda t: ~t[column].year().between(since, 2069).fill_null(False))


def _beyond() -> tuple[str, str, Callable]:
    return (
        "an amount beyond 10^15 minor units (is it in another unit?)", "amount_minor",
        lambda t: ~t.amount_minor.between(-MOST_MINOR, MOST_MINOR),
    )  # fmt: skip


_EARLY = ("received before it happened", "occurred_at", _arrived_before_it_happened)

CONTRACTS: dict[str, Contract] = {
    c.name: c
    for c in (
        Contract(
            "touchpoints", "one interaction",
            _columns(
                string="event_id visitor_id developer_id account_id touchpoint channel page properties",
                instant="occurred_at received_at",
            ),
            required=("occurred_at", "touchpoint"), key="event_id", time="occurred_at",
            one_of=("visitor_id", "developer_id", "account_id"),
            unusable=(
                _missing("occurred_at"), _unlikely("occurred_at", FIRST_YEAR), _missing("touchpoint"), _EARLY,
                ("no id of anybody", "visitor_id",
                 lambda t: t.visitor_id.isnull() & t.developer_id.isnull() & t.account_id.isnull()),
            ),
        ),
        Contract(
            "requests", "one API call",
            _columns(
                string="request_id account_id developer_id key_id endpoint method environment sdk "
                "sdk_version api_version region",
                instant="occurred_at received_at", integer="status", number="latency_ms units_in units_out",
            ),
            required=("occurred_at",), key="request_id", time="occurred_at",
            unusable=(
                _missing("occurred_at"), _unlikely("occurred_at", FIRST_YEAR), _EARLY,
                ("negative latency", "latency_ms", lambda t: t.latency_ms < 0),
                ("negative units", "units_in", lambda t: (t.units_in < 0) | (t.units_out < 0)),
                ("no HTTP status", "status", lambda t: ~t.status.between(100, 599)),
            ),
        ),
        Contract(
            "accounts", "one account, as of now",
            _columns(
                string="account_id name owner close_reason segment country channel plan",
                instant="created_at closed_at", integer="quota_per_month", boolean="is_internal",
            ),
            required=("account_id", "created_at"), key="account_id",
            unusable=(_missing("account_id"), _missing("created_at"), _unlikely("created_at")),
        ),
        Contract(
            "identities", "one link between ids",
            _columns(string="visitor_id developer_id account_id", instant="linked_at"),
            required=("linked_at",), one_of=("visitor_id", "developer_id", "account_id"),
            unusable=(_missing("linked_at"),),
        ),
        Contract(
            "account_history", "one change of an account",
            _columns(string="account_id plan segment", instant="valid_from", integer="quota_per_month"),
            required=("account_id", "valid_from"),
            unusable=(_missing("account_id"), _missing("valid_from")),
        ),
        Contract(
            "invoices", "one revenue line",
            _columns(
                string="invoice_id account_id currency product kind credits_kind",
                instant="issued_at", date="service_start service_end", integer="amount_minor",
            ),
            required=("account_id", "issued_at", "amount_minor"), copies="invoice_id", time="issued_at",
            choices={"currency": CURRENCIES, "kind": INVOICE_KINDS},
            unusable=(
                _missing("account_id"), _missing("issued_at"), _unlikely("issued_at"),
                _missing("amount_minor"), _beyond(),
                ("service ends before it starts", "service_end", lambda t: t.service_end < t.service_start),
            ),
        ),
        Contract(
            "costs", "one cost line",
            _columns(
                month="month", string="category currency account_id endpoint channel", integer="amount_minor"
            ),
            required=("month", "category", "amount_minor"), choices={"currency": CURRENCIES, "category": COST_CATEGORIES},
            unusable=(_missing("month"), _missing("category"), _missing("amount_minor"), _beyond()),
        ),
        Contract(
            "fx_rates", "one currency on one day",
            _columns(date="date", string="currency", decimal="rate"), required=("date", "currency", "rate"),
            choices={"currency": CURRENCIES},
            unusable=(
                _missing("date"), _missing("currency"), _missing("rate"),
                ("no positive rate", "rate", lambda t: ~(t.rate.try_cast("float64") > 0).fill_null(False)),
            ),
        ),
        Contract(
            "tickets", "one support ticket",
            _columns(string="ticket_id account_id topic", instant="opened_at resolved_at"),
            required=("opened_at",), key="ticket_id", unusable=(_missing("opened_at"),),
        ),
        Contract(
            "surveys", "one answer",
            _columns(string="account_id kind", instant="answered_at", number="score"),
            required=("answered_at", "kind", "score"),
            unusable=(_missing("answered_at"), _missing("kind"), _missing("score")),
        ),
        Contract(
            "hosts", "one sample of one host",
            _columns(
                string="host", instant="sampled_at", number="cpu_share memory_share",
                integer="connections",
            ),
            required=("sampled_at", "host"), unusable=(_missing("sampled_at"), _missing("host")),
        ),
        Contract(
            "pages", "one docs page",
            _columns(string="page text", integer="broken_links"), required=("page",), unusable=(_missing("page"),),
        ),
        Contract(
            "incidents", "one incident",
            _columns(string="scope", instant="started_at ended_at"),
            required=("started_at", "ended_at"),
            unusable=(
                _missing("started_at"),
                ("ends before it starts", "ended_at", lambda t: t.ended_at < t.started_at),
            ),
        ),
        Contract(
            "releases", "one release",
            _columns(string="team version", instant="released_at announced_at", boolean="breaking"),
            required=("released_at",), unusable=(_missing("released_at"),),
        ),
        Contract(
            "annotations", "one note on the time axis",
            _columns(date="date", string="text kind"), required=("date", "text"),
            unusable=(_missing("date"), _missing("text")),
        ),
    )
}  # fmt: skip

STREAMS = ("touchpoints", "requests")
"""Tables that grow without end: kept by month. The others are read whole."""
