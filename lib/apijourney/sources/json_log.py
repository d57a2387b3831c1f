"""What does a line of a gateway's JSON log say?

Unit: one call, one JSON object. In: lines of text and a layout, which names for each column the fields
it may stand in. Out: one row a call, typed; what is no JSON object, or has no readable time, stays
whole in the column `rejected`.
It does not know a gateway: `aws_api_gateway`, `kong` and `envoy` say what their fields mean. The
engine does the work, line by line there is no Python.
"""

import json
import re
from pathlib import Path

import duckdb
import ibis
import pandas as pd
from ibis.expr.types import StringColumn, Table

from apijourney.errors import WorkbookError
from apijourney.sources.engine import connect
from apijourney.sources.lines import read_lines
from apijourney.sources.unreadable import unreadable
from apijourney.sources.values import typed

Layout = dict[str, tuple[str, ...]]
"""Column → the fields it may stand in, the first that is filled counts; "a.b" is the field b inside a."""

COLUMNS = (
    "host", "account_id", "key_id", "occurred_at", "method", "endpoint", "path", "query", "protocol", "status", "bytes",
    "latency_ms", "upstream_ms", "request_id", "user_agent",
)  # fmt: skip
_KINDS = {"status": "integer", "bytes": "integer", "latency_ms": "number", "upstream_ms": "number"}
_MILLISECONDS_FROM = 10**11
"""An epoch this large counts milliseconds: as seconds it would be the year 5138."""


@ibis.udf.scalar.builtin(name="json_valid")
def _json_valid(text: str) -> bool:
    """Is it JSON?"""


@ibis.udf.scalar.builtin(name="json_type")
def _json_type(text: str) -> str:
    """OBJECT, ARRAY, or what else it is."""


@ibis.udf.scalar.builtin(name="json_extract_string")
def _fields(text: str, paths: list[str]) -> list[str]:
    """The values at several places of a JSON document, each as text; null where there is none."""


@ibis.udf.scalar.builtin(name="json_extract_string")
def _elements(text: str, path: str) -> list[str]:
    """The elements of an array, each as text."""


@ibis.udf.scalar.builtin(name="try_strptime")
def _in_words(text: str, format: str) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """Read 01/Oct/2026:10:00:00 +0200."""


def parse_objects(text: Table, layout: Layout) -> Table:
    """Read lines of a gateway's JSON log into one row a call.

    text : an Ibis table with the column `line`. A line may begin with a time of its own, as a log group
        exported from CloudWatch does; and it may hold an array of calls, as Kong sends them in batches.
    layout : see `Layout`; its own columns beside COLUMNS are kept as text. "target" is parted into path and query.
    Returns COLUMNS, the others of the layout, and rejected.
    """
    lines = text.filter(text.line.strip().length() > 0)
    body = lines.line.strip().re_replace(r"^\d{4}-\d\d-\d\d[T ]\S+\s+([{\[])", r"\1")
    kind = _json_valid(body).ifelse(_json_type(_json_valid(body).ifelse(body, ibis.null("string"))), ibis.null("string"))
    lines = lines.select("line", body=body, kind=kind)
    batch = (lines.kind == "ARRAY").fill_null(False)
    each = batch.ifelse(_elements(batch.ifelse(lines.body, "[]"), "$[*]"), ibis.array([lines.body]))
    calls = lines.select(call=each.unnest())
    whole = _json_valid(calls.call).ifelse(calls.call, ibis.null("string"))
    calls = calls.select("call", doc=(_json_type(whole) == "OBJECT").ifelse(whole, ibis.null("string")))
    names = [(column, field) for column, fields in layout.items() for field in fields]
    values = calls.select("call", found=_fields(calls.doc, ibis.array([_path(field) for _, field in names])))
    raw: dict[str, StringColumn] = {}
    for place, (column, _) in enumerate(names):
        value = values.found[place].nullif("-").nullif("")
        raw[column] = ibis.coalesce(raw[column], value) if column in raw else value
    return _typed(values.select("call", **raw), layout)


def _typed(raw: Table, layout: Layout) -> Table:
    out = {c: raw[c] if c in layout else ibis.null("string") for c in COLUMNS}
    out |= {c: raw[c] for c in layout if c not in ("target", *out)}
    if "target" in layout:
        path = raw.target.re_extract(r"^([^?]*)", 1).nullif("")
        out |= {"path": path, "query": raw.target.re_extract(r"\?(.*)$", 1).nullif("")}
        out["endpoint"] = path
    if "endpoint" in layout:  # a route may stand with its method, and the one for all else names no endpoint
        route = raw.endpoint.re_replace(r"^[A-Z]+ /", "/").nullif("$default")
        out["endpoint"] = ibis.coalesce(route, out["path"])
    out["occurred_at"] = instant(raw.occurred_at) if "occurred_at" in layout else ibis.null("timestamp")
    out |= {c: typed(out[c], kind) for c, kind in _KINDS.items()}
    out["status"] = out["status"].nullif(0)  # no answer was given: how it ended is not known
    read = raw.select("call", **out)
    return read.mutate(rejected=read.occurred_at.isnull().ifelse(read.call, ibis.null("string"))).drop("call")


def instant(text: StringColumn):
    """Read a time: as seconds or milliseconds since 1970, in the words of a log, or as ISO 8601; UTC, naive.

    An epoch of 100,000,000,000 and above counts milliseconds; a time in words without an offset is UTC.
    """
    number = text.re_search(r"^\d+(\.\d+)?$").ifelse(text, ibis.null("string")).try_cast("decimal(26, 6)")
    seconds = (number >= _MILLISECONDS_FROM).ifelse(number / 1000, number)
    epoch = (seconds * 1000).round().try_cast("int64").as_timestamp("ms").cast("timestamp")
    words = _in_words(text, "%d/%b/%Y:%H:%M:%S %z").cast("timestamp")
    iso = number.isnull().ifelse(typed(text.re_replace(r"^\[(.*)\]$", r"\1"), "instant"), ibis.null("timestamp"))
    return ibis.coalesce(epoch, words, iso)


def _path(field: str) -> str:
    return "$" + "".join(f'."{part}"' for part in field.split("."))


def leaves(text: str, what: str, operator: str) -> dict[str, str]:
    """Which field of a JSON log holds which of the gateway's variables?

    text : the format as the gateway was given it. what : its name, for the error. operator : a regular
        expression for a variable; one that stands without quotation marks is taken as if it had some.
    Returns field ("a.b" = inside another) → what stands there.

    >>> leaves('{"id": "$context.requestId", "took": $context.responseLatency}', "AWS", r"\\$context[.\\w]+")
    {'id': '$context.requestId', 'took': '$context.responseLatency'}
    """
    quoted = re.sub(rf"(:\s*)({operator})(\s*[,}}])", r'\1"\2"\3', text)
    try:
        found = json.loads(quoted)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise WorkbookError(f"the {what} log format is no JSON object; copy it as the gateway was given it: {{…}}.")
    return dict(_flat(found))


def _flat(node: dict, before: str = ""):
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif isinstance(value, str):
            yield before + key, value


def read_objects(path: str | Path, layout: Layout, where: str) -> pd.DataFrame:
    """Read the JSON log of a gateway as a frame; see the reader of each gateway.

    where : the asking function, for the error.
    """
    place = Path(path).expanduser()
    files = sorted(place.parent.glob(place.name)) if "*" in place.name else [place]
    if not files or not files[0].is_file():
        raise WorkbookError(f'{where}(path): "{path}" was not found; correct the path.')
    con = connect()
    try:
        table = con.to_pyarrow(parse_objects(read_lines(con, [str(f) for f in files], "gateway_log"), layout))
    except duckdb.Error as error:
        raise unreadable(place.name, error) from None
    frame = table.to_pandas()
    whole = {c: "Int64" for c, kind in _KINDS.items() if kind == "integer"}
    texts = {c: "str" for c in frame.columns if c not in (*_KINDS, "occurred_at")}
    return frame.astype(whole | texts | {"occurred_at": "datetime64[us]"})
