"""The facts themselves: what each compact table holds, as one expression over clean rows.

In: one month of clean requests and touchpoints. Out: one Ibis expression a fact. Every fact row
carries `received_day`, the local day it arrived, so that a report can be made as of any day: what
arrived later is left out at read, and no fact has to be built again for it.
"""

import ibis
from ibis.expr.types import Table

from apijourney.facts.endpoints import with_endpoints
from apijourney.facts.latency_scheme import bucket_expression
from apijourney.localtime import local_time
from apijourney.workbook import Workbook

EVENT_PROPERTIES = (
    "channel", "page", "agent", "results", "environment", "status", "status_class", "endpoint", "product", "sdk",
    "sdk_version", "api_version", "region",
)  # fmt: skip


@ibis.udf.scalar.builtin(name="json_extract_string")
def _json_text(document: str, path: str) -> str:
    """One value of a JSON document as text."""


@ibis.udf.scalar.builtin(name="json_valid")
def _is_json(document: str) -> bool:
    """Is the text a JSON document?"""


def is_test_key(requests: Table, workbook: Workbook):
    """Was the call made with a key that is only for trying out?"""
    prefixes = workbook.definitions.test_keys
    tests = [requests.key_id.startswith(p) for p in prefixes]
    return ibis.or_(ibis.literal(False), *[t.fill_null(False) for t in tests])


def _with_days(requests: Table, workbook: Workbook, between: tuple[int, int]) -> Table:
    day = local_time(requests.occurred_at, workbook.timezone, between=between).date()
    arrived = local_time(requests.received_at, workbook.timezone, between=between).date()
    real = requests.filter(~is_test_key(requests, workbook))
    return with_endpoints(real, workbook).mutate(
        day=day,
        received_day=ibis.coalesce(arrived, day),
        # Whose call it is, is settled at read: a developer may be linked to an account later.
        developer_id=real.account_id.isnull().ifelse(real.developer_id, ibis.null("string")),
        environment=requests.environment.fill_null("production"),
    )


def request_events(requests: Table, workbook: Workbook) -> Table:
    """Calls as events of the journey: one row a call made by somebody known, test keys left out."""
    known = requests.filter(~is_test_key(requests, workbook)).filter(
        requests.account_id.notnull() | requests.developer_id.notnull()
    )
    known = with_endpoints(known, workbook)
    kind = (known.status // 100).cast("string") + "xx"
    values = {
        "environment": known.environment.fill_null("production"),
        "status": known.status.cast("string"),
        "status_class": kind,
        **{p: known[p] for p in ("endpoint", "product", "sdk", "sdk_version", "api_version", "region")},
    }
    return _event_row(known, ibis.literal("request"), values, visitor=False)


def touchpoint_events(touchpoints: Table, workbook: Workbook) -> Table:
    """Touchpoints as events of the journey, with the properties a funnel may ask for."""
    values = {
        "channel": touchpoints.channel,
        "page": touchpoints.page,
        "agent": _property(touchpoints, workbook.definitions.bots.property),
        "results": _property(touchpoints, "results"),
    }
    return _event_row(touchpoints, touchpoints.touchpoint, values, visitor=True)


def _property(touchpoints: Table, name: str):
    """One of the properties of a touchpoint as text; null where they are no JSON document, or lack it."""
    there = _is_json(touchpoints.properties)
    return there.ifelse(_json_text(touchpoints.properties, f'$."{name}"'), ibis.null("string"))


def _event_row(table: Table, event, values: dict, *, visitor: bool) -> Table:
    text = ibis.null("string")
    return table.select(
        visitor_id=table.visitor_id if visitor else text,
        developer_id=table.developer_id,
        account_id=table.account_id,
        event=event,
        occurred_at=table.occurred_at,
        received_at=table.received_at,
        **{p: values.get(p, text).cast("string") for p in EVENT_PROPERTIES},
    )


def activity(requests: Table, workbook: Workbook, between: tuple[int, int]) -> Table:
    """Account × day: calls, how they ended, and when the first and last were. Grain: account_id (else
    developer_id), day, environment, product, received_day.

    good : answered 2xx; client_errors : 4xx but 429; throttled : 429; server_errors : 5xx;
    unknown : no status. What is left of calls was answered 1xx or 3xx.
    first_at, last_at : of any call; first_good_at, last_good_at : of a good one, null where none was.
    """
    t = _with_days(requests, workbook, between)
    good = t.status.between(200, 299).fill_null(False)
    return t.group_by("account_id", "developer_id", "day", "environment", "product", "received_day").aggregate(
        calls=t.count(),
        good=good.sum(),
        client_errors=(t.status.between(400, 499) & (t.status != 429)).sum().fill_null(0),
        throttled=(t.status == 429).sum().fill_null(0),
        server_errors=t.status.between(500, 599).sum().fill_null(0),
        unknown=t.status.isnull().sum(),
        first_at=t.occurred_at.min(),
        last_at=t.occurred_at.max(),
        first_good_at=t.occurred_at.min(where=good),
        last_good_at=t.occurred_at.max(where=good),
    )


def calls(requests: Table, workbook: Workbook, between: tuple[int, int]) -> Table:
    """Account × day × what was called and how it ended: one row a combination, with its calls."""
    t = _with_days(requests, workbook, between)
    keys = [
        "account_id", "developer_id", "day", "environment", "endpoint", "product", "status", "sdk", "sdk_version",
        "api_version", "region", "received_day",
    ]  # fmt: skip
    return t.group_by(*keys).aggregate(calls=t.count())


def latency(requests: Table, workbook: Workbook, between: tuple[int, int]) -> Table:
    """Account × day × endpoint × latency bucket, of good calls (status < 500, not throttled)."""
    t = _with_days(requests, workbook, between)
    good = t.filter(t.latency_ms.notnull() & (t.status < 500) & (t.status != 429))
    good = good.mutate(bucket=bucket_expression(good.latency_ms))
    keys = ["account_id", "developer_id", "day", "environment", "endpoint", "product", "bucket", "received_day"]
    return good.group_by(*keys).aggregate(calls=good.count())
