"""What does an access log of AWS API Gateway say?

Unit: one call. The log is JSON with the field names its owner chose, so the format the stage was given
is read, too; without it the names of the console's example count. Which customer called is in the log
only as the id of an API key, or as what an authorizer wrote; the key itself is never read.

The variables: Amazon API Gateway Developer Guide, "Variables for access logging for API Gateway" and
"Customize HTTP API access logs".
"""

from pathlib import Path

import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.sources.json_log import Layout, leaves, read_objects

NAME = "aws_api_gateway"
_OPERATOR = r"\$context[.\w-]+"
_COLUMNS = {
    "requestTimeEpoch": "occurred_at", "requestTime": "occurred_at", "requestId": "request_id",
    "identity.sourceIp": "host", "httpMethod": "method", "resourcePath": "endpoint", "routeKey": "endpoint",
    "path": "target", "protocol": "protocol", "status": "status", "responseLength": "bytes",
    "responseLatency": "latency_ms", "integrationLatency": "upstream_ms", "integration.latency": "upstream_ms",
    "identity.apiKeyId": "key_id", "identity.userAgent": "user_agent", "stage": "stage",
    "authorizer.principalId": "principal_id",
}  # fmt: skip
"""Variable of `$context` → column; where two fill one, the first that the log holds counts."""
_USUAL = {"identity.sourceIp": ("ip", "sourceIp"), "integration.latency": ("integrationLatency",)}


def is_aws(format: str) -> bool:
    """Is this the name of the format, or the text of one with `$context` variables?"""
    return format == NAME or "$context." in format


def layout(format: str = NAME) -> Layout:
    """Which column stands in which field?

    >>> layout('{"id": "$context.requestId", "at": $context.requestTimeEpoch, "who": "$context.authorizer.org"}')
    {'occurred_at': ('at',), 'request_id': ('id',), 'who': ('who',)}
    """
    if format == NAME:
        named = [(column, field) for variable, column in _COLUMNS.items() for field in _usual_names(variable)]
        return _grouped(named)
    found = leaves(format, "AWS API Gateway", _OPERATOR)
    written = {variable.removeprefix("$context."): field for field, variable in found.items()}
    named = [(column, written[variable]) for variable, column in _COLUMNS.items() if variable in written]
    if "occurred_at" not in dict(named):
        raise WorkbookError("the log format has no time; it needs $context.requestTimeEpoch or $context.requestTime.")
    own = [(field.replace(".", "_"), field) for variable, field in written.items() if variable not in _COLUMNS]
    return _grouped(named + own)


def _usual_names(variable: str) -> tuple[str, ...]:
    return _USUAL.get(variable, (variable.rpartition(".")[2],))


def _grouped(named: list[tuple[str, str]]) -> Layout:
    grouped: dict[str, list[str]] = {}
    for column, field in named:
        grouped.setdefault(column, [])
        if field not in grouped[column]:
            grouped[column].append(field)
    return {column: tuple(fields) for column, fields in grouped.items()}


def read_aws_api_gateway_log(path: str | Path, format: str = NAME) -> pd.DataFrame:
    """Which calls does an access log of AWS API Gateway hold?

    Parameters
    ----------
    path : a file, or a pattern such as "logs/*.gz"; files ending in .gz are unpacked. Lines may begin
        with the time that CloudWatch writes before each of a log group it exports.
    format : the text of the stage's log format, such as '{"id":"$context.requestId", …}'; or
        "aws_api_gateway": the fields are called like the variables (requestTimeEpoch, httpMethod, …).

    Returns
    -------
    One row a line that is not empty: host, account_id (always null: map a field of yours), key_id (the
    id of the API key), occurred_at (UTC, naive; from requestTimeEpoch, else requestTime), method,
    endpoint (resourcePath; of an HTTP API the route without its method; else the path), path, query,
    protocol, status, bytes (Int64), latency_ms (responseLatency: all of it), upstream_ms
    (integrationLatency: the part behind the gateway), request_id, user_agent, stage and principal_id
    where the format has them, and its other fields under their own names, as text. A "-" is no value.
    rejected : the line itself where it is no JSON or has no readable time; null where it fits.

    Raises
    ------
    WorkbookError : no such file, or a format that cannot be read.
    """
    return read_objects(path, layout(format), "read_aws_api_gateway_log")
