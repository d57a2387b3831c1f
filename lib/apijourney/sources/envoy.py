"""What does a JSON access log of Envoy say?

Unit: one call (HTTP; lines of a TCP listener have no method and no path). Envoy's owner chooses the
names of the fields, so its `json_format` is read, too; without it the names count that Istio gives.
Who called is not in it, unless a header says so: name that header in the format.

The operators: Envoy documentation, "Access logging", command operators; the names: Istio documentation,
"Envoy Access Logs", default access log format as JSON.
"""

import re
from pathlib import Path

import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.sources.json_log import Layout, leaves, read_objects

NAME = "envoy"
_OPERATOR = r"%[A-Z_]+(?:\([^)]*\))?(?::\d+)?%"
_COLUMNS = {
    "START_TIME": "occurred_at", "REQ(X-REQUEST-ID)": "request_id", "REQ(:METHOD)": "method",
    "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)": "target", "REQ(:PATH)": "target", "PROTOCOL": "protocol",
    "RESPONSE_CODE": "status", "BYTES_SENT": "bytes", "DURATION": "latency_ms",
    "RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)": "upstream_ms", "REQ(USER-AGENT)": "user_agent",
    "REQ(X-FORWARDED-FOR)": "host", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": "host", "DOWNSTREAM_REMOTE_ADDRESS": "host",
    "REQ(:AUTHORITY)": "authority", "UPSTREAM_HOST": "upstream_host", "UPSTREAM_CLUSTER": "upstream_cluster",
    "ROUTE_NAME": "route", "RESPONSE_FLAGS": "response_flags",
}  # fmt: skip
"""Operator → column; where two fill one, the first that the log holds counts."""
_ISTIO = {
    "START_TIME": "start_time", "REQ(X-REQUEST-ID)": "request_id", "REQ(:METHOD)": "method",
    "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)": "path", "PROTOCOL": "protocol", "RESPONSE_CODE": "response_code",
    "BYTES_SENT": "bytes_sent", "DURATION": "duration", "RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)": "upstream_service_time",
    "REQ(USER-AGENT)": "user_agent", "REQ(X-FORWARDED-FOR)": "x_forwarded_for",
    "DOWNSTREAM_REMOTE_ADDRESS": "downstream_remote_address", "REQ(:AUTHORITY)": "authority",
    "UPSTREAM_HOST": "upstream_host", "UPSTREAM_CLUSTER": "upstream_cluster", "ROUTE_NAME": "route_name",
    "RESPONSE_FLAGS": "response_flags",
}  # fmt: skip


def is_envoy(format: str) -> bool:
    """Is this the name of the format, or the text of a `json_format` with Envoy's operators?"""
    return format == NAME or bool(re.search(_OPERATOR, format))


def layout(format: str = NAME) -> Layout:
    """Which column stands in which field?

    >>> layout('{"at": "%START_TIME(%s.%3f)%", "ms": "%DURATION%", "org": "%REQ(X-ORG-ID)%"}')
    {'occurred_at': ('at',), 'latency_ms': ('ms',), 'org': ('org',)}
    """
    if format == NAME:
        written = _ISTIO
    else:
        found = leaves(format, "Envoy", _OPERATOR)
        written = {_bare(operator): field for field, operator in found.items() if re.fullmatch(_OPERATOR, operator)}
    columns: dict[str, tuple[str, ...]] = {}
    for operator, column in _COLUMNS.items():
        if operator in written:
            columns[column] = (*columns.get(column, ()), written[operator])
    if "occurred_at" not in columns:
        raise WorkbookError("the log format has no time; it needs %START_TIME%.")
    return columns | {f.replace(".", "_"): (f,) for o, f in written.items() if o not in _COLUMNS}


def _bare(operator: str) -> str:
    """START_TIME for %START_TIME(%s)%; a header in capitals, for its name does not tell them apart."""
    bare = re.sub(r":\d+$", "", operator.strip("%")).upper()
    return "START_TIME" if bare.startswith("START_TIME(") else bare


def read_envoy_log(path: str | Path, format: str = NAME) -> pd.DataFrame:
    """Which calls does a JSON access log of Envoy hold?

    Parameters
    ----------
    path : a file, or a pattern such as "envoy/*.log.gz"; files ending in .gz are unpacked.
    format : the text of the `json_format`, such as '{"at":"%START_TIME%", …}'; or "envoy": the names
        that Istio gives (start_time, response_code, duration, …).

    Returns
    -------
    One row a line that is not empty: host (X-Forwarded-For, else the address of the connection),
    account_id and key_id (always null: map a field of yours), occurred_at (UTC, naive), method, endpoint
    and path (up to the "?"), query, protocol, status (Int64; null where Envoy writes 0: the caller
    left before an answer), bytes, latency_ms (duration), upstream_ms (the service behind Envoy),
    request_id, user_agent, authority, upstream_host, upstream_cluster, route, response_flags where the
    format has them, and its other fields under their own names, as text. A "-" is no value.
    rejected : the line itself where it is no JSON or has no readable time; null where it fits.

    Raises
    ------
    WorkbookError : no such file, or a format that cannot be read.
    """
    return read_objects(path, layout(format), "read_envoy_log")
