"""What does a log of Kong Gateway say?

Unit: one call, as the plugins http-log, file-log, tcp-log and udp-log write it: one JSON object, or an
array of them where the plugin sends batches. The account is Kong's consumer. A call without one
(no key, or a wrong one) belongs to nobody.

The fields: Kong documentation, plugins http-log and file-log, "Log format".
"""

from pathlib import Path

import pandas as pd

from apijourney.sources.json_log import Layout, read_objects

NAME = "kong"


def layout(format: str = NAME) -> Layout:
    """Which column stands in which field? Kong's names are its own, so there is one layout.

    >>> layout()["latency_ms"], layout()["account_id"]
    (('latencies.request',), ('consumer.custom_id', 'consumer.username', 'consumer.id'))
    """
    return {
        "host": ("client_ip",),
        "account_id": ("consumer.custom_id", "consumer.username", "consumer.id"),
        "key_id": ("authenticated_entity.id",),
        "occurred_at": ("started_at",),
        "method": ("request.method",),
        "target": ("request.uri",),
        "status": ("response.status",),
        "bytes": ("response.size",),
        "latency_ms": ("latencies.request",),
        "upstream_ms": ("latencies.proxy",),
        "request_id": ("request.id", "response.headers.x-kong-request-id"),
        "user_agent": ("request.headers.user-agent",),
        "route": ("route.name", "route.id"),
        "service": ("service.name", "service.host", "service.id"),
        "consumer": ("consumer.username", "consumer.id"),
        "workspace": ("workspace_name", "workspace"),
    }


def read_kong_log(path: str | Path) -> pd.DataFrame:
    """Which calls does a log of Kong hold?

    path : a file, or a pattern such as "kong/*.log.gz"; files ending in .gz are unpacked.

    Returns
    -------
    One row a call: host (the caller's address), account_id (the consumer's custom_id, else its username,
    else its id; null = none was known), key_id (of the credential, not the key), occurred_at (UTC, naive;
    started_at), method, endpoint and path (request.uri up to the "?"), query, status, bytes (Int64),
    latency_ms (latencies.request: all of it), upstream_ms (latencies.proxy: the wait for the service
    behind Kong), request_id (null before Kong 3.5), user_agent, route, service, consumer, workspace.
    protocol is null: Kong does not write it. rejected : the line itself where it is no JSON or has no
    readable time; null where it fits.

    Raises
    ------
    WorkbookError : no such file, or one that cannot be unpacked.
    """
    return read_objects(path, layout(), "read_kong_log")
