"""What does a line of an access log say?

Unit: one line, one request of the web server or gateway. In: lines of text and the format they are
written in, "common", "combined" or an NGINX `log_format`. Out: one row a line, its fields typed; a
line that does not fit the format stays, whole, in the column `rejected`.
It does not say who called: an address is no person. The engine does the work, line by line there is
no Python.

The formats: Apache HTTP Server 2.4, Log Files, "Common" and "Combined Log Format"; NGINX,
ngx_http_log_module, `log_format`.
"""

import re
from pathlib import Path

import duckdb
import ibis
import pandas as pd
from ibis.expr.types import StringColumn, Table

from apijourney.errors import WorkbookError, did_you_mean
from apijourney.sources.engine import connect
from apijourney.sources.lines import group, read_lines, without_names
from apijourney.sources.unreadable import unreadable
from apijourney.sources.values import typed

COMMON = '$host $ident $remote_user [$time_local] "$request" $status $bytes_sent'
COMBINED = COMMON + ' "$http_referer" "$http_user_agent"'
NAMED = {"common": COMMON, "combined": COMBINED}
COLUMNS = (
    "host", "user", "occurred_at", "method", "path", "query", "protocol", "status", "bytes", "referrer",
    "user_agent",
)  # fmt: skip
_NAMES = {
    "remote_addr": "host", "host": "host", "remote_user": "user", "http_referer": "referrer",
    "http_user_agent": "user_agent", "body_bytes_sent": "bytes", "bytes_sent": "bytes", "status": "status",
    "request_id": "request_id", "request_time": "latency_ms", "request_method": "method",
    "server_protocol": "protocol",
}  # fmt: skip
_TIMES = {"time_local": "%d/%b/%Y:%H:%M:%S %z", "time_iso8601": "", "msec": "seconds"}
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")
_REQUEST = r"^([A-Z][A-Z_-]{0,31}) (\S.*?)( HTTP/\d[\d.]*)?$"


@ibis.udf.scalar.builtin(name="url_decode")
def _url_decode(text: str) -> str:
    """Read %22 as a quotation mark."""


def is_access_log(format: str) -> bool:
    """Is this the name or the text of an access log's format?

    >>> is_access_log("combined"), is_access_log("$remote_addr [$time_local]"), is_access_log("csv")
    (True, True, False)
    """
    return format in NAMED or "$" in format


def variables(format: str) -> list[str]:
    """Name the variables of a format, in their order, and see that the format can be read.

    Raises
    ------
    WorkbookError : no time among them, one of them twice, or two with nothing in between.

    >>> variables("common")
    ['host', 'ident', 'remote_user', 'time_local', 'request', 'status', 'bytes_sent']
    """
    if not is_access_log(format):
        hint = did_you_mean(format, NAMED)
        raise WorkbookError(
            f'format "{format}" is no access log\'s format; {hint} An NGINX log_format such as '
            '"$remote_addr [$time_local] $status" is one too.'
        )
    text = NAMED.get(format, format)
    found = [a or b for a, b in _VARIABLE.findall(text)]
    twice = next((v for v in found if found.count(v) > 1), None)
    if twice:
        raise WorkbookError(f'the log format names "${twice}" twice; write each variable once.')
    if not set(found) & set(_TIMES):
        raise WorkbookError(
            f"the log format has no time ({', '.join('$' + v for v in found)}); it needs $time_local, "
            "$time_iso8601 or $msec."
        )
    if re.search(r"\$\w+(?=\$)|\}(?=\$)", text):
        raise WorkbookError("the log format has two variables with nothing in between; nobody can part them.")
    return found


def carried(format: str) -> set[str]:
    """Which of the columns does a format fill?

    >>> sorted(carried("$remote_addr [$msec] $status"))
    ['host', 'occurred_at', 'status']
    """
    several = {"request": {"method", "path", "query", "protocol"}, "request_uri": {"path", "query"},
               "uri": {"path"}, "args": {"query"}, "ident": set()}  # fmt: skip
    several |= dict.fromkeys(_TIMES, {"occurred_at"})
    return set().union(*(several.get(v, {_NAMES.get(v, v)}) for v in variables(format)))


def line_pattern(format: str) -> str:
    """Write a format as a regular expression with one named group a variable.

    A field in quotation marks may hold escaped ones. The closing mark of a last field may be missing:
    a line that was cut there is read as far as it goes.

    >>> print(line_pattern('$status "$request"'))
    ^(?P<status>\\S*) "(?P<request>(?:[^"\\\\]|\\\\.)*)"?\\s*$
    """
    text = NAMED.get(format, format).strip()
    parts, end = ["^"], 0
    for match in _VARIABLE.finditer(text):
        parts.append(re.escape(text[end : match.start()]).replace(r"\ ", " ").replace('\\"', '"'))
        name = match.group(1) or match.group(2)
        parts.append(f"(?P<{name}>{_field(name, text[match.end() : match.end() + 1])})")
        end = match.end()
    rest = text[end:]
    tail = '"?' if rest == '"' else re.escape(rest).replace(r"\ ", " ")
    return "".join(parts) + tail + r"\s*$"


def _field(variable: str, following: str) -> str:
    if following == '"':
        return r'(?:[^"\\]|\\.)*'
    if variable.startswith("upstream_"):
        return r"\S*(?:(?:, | : )\S+)*"  # one value an upstream that was tried
    if variable == "remote_user":
        return r".*?"  # a name may hold spaces
    if following in ("", " "):
        return r"\S*"
    return rf"[^{re.escape(following)}]*"


def parse_lines(text: Table, format: str) -> Table:
    """Read lines of an access log into one row each.

    text : an Ibis table with the column `line`. format : see `read_access_log`.
    Returns the columns of `read_access_log`.
    """
    names, pattern = variables(format), line_pattern(format)
    lines = text.filter(text.line.strip().length() > 0)
    fits = lines.line.re_search(without_names(pattern))
    raw = lines.select("line", fits=fits, **{v: _plain(group(lines.line, pattern, v)) for v in names})
    out = {c: ibis.null("string") for c in COLUMNS} | {"occurred_at": ibis.null("timestamp")}
    for variable in names:
        if variable == "request":
            parts = {n: raw.request.re_extract(_REQUEST, i).strip().nullif("") for n, i in _REQUEST_PARTS.items()}
            out |= {n: part for n, part in parts.items() if n != "target"} | _target(parts["target"])
        elif variable in ("request_uri", "uri"):
            out |= _target(raw[variable])
        elif variable == "args":
            out["query"] = raw[variable]
        elif variable in _TIMES:
            out["occurred_at"] = _instant(raw[variable], _TIMES[variable])
        elif variable == "request_time":
            out["latency_ms"] = typed(raw.request_time, "number") * 1000
        elif variable != "ident":
            out[_NAMES.get(variable, variable)] = raw[variable]
    for column in ("status", "bytes"):
        out[column] = typed(out[column], "integer")
    read = raw.select("line", "fits", **out)
    fits = read.fits & read.occurred_at.notnull()
    return read.mutate(rejected=fits.ifelse(ibis.null("string"), read.line)).drop("line", "fits")


_REQUEST_PARTS = {"method": 1, "target": 2, "protocol": 3}


def _target(target: StringColumn) -> dict:
    """Part what was asked for into its path and its query."""
    return {"path": target.re_extract(r"^([^?]*)", 1).nullif(""), "query": target.re_extract(r"\?(.*)$", 1).nullif("")}


def _plain(field: StringColumn) -> StringColumn:
    r"""Read a field as it was before the server escaped it: \" and \x22 are a mark; "-" is no value.

    Only plain characters are read back; other bytes stay escaped, \xC3\xBC, as the server wrote them.
    """
    hidden = field.replace("%", "%25").replace("\\\\", "%5C").replace('\\"', "%22")
    decoded = _url_decode(hidden.re_replace(r"\\x([2-7][0-9A-Fa-f])", r"%\1"))
    return field.contains("\\").ifelse(decoded, field).nullif("-").nullif("")


def _instant(text: StringColumn, format: str):
    if format == "seconds":
        return (text.try_cast("decimal(20, 6)") * 1000).try_cast("int64").as_timestamp("ms").cast("timestamp")
    return typed(text, "instant", format)


def read_access_log(path: str | Path, format: str = "combined") -> pd.DataFrame:
    """Which requests does an access log hold?

    Parameters
    ----------
    path : a file, or a pattern such as "logs/access.log*"; files ending in .gz are unpacked.
    format : "combined", "common", or the text of an NGINX `log_format`; other variables than those
        below become columns of their own name, as text.

    Returns
    -------
    One row a line that is not empty, in the order of the files: host (address or name), user,
    occurred_at (UTC, without a zone; the offset of the log is honoured), method, path (as it came),
    query (behind the "?"), protocol, status, bytes (Int64; null where the log has "-", which Apache
    writes for an empty body), referrer, user_agent, and where the format has them latency_ms
    (from `$request_time`) and request_id. A "-" is no value.
    method, path and protocol are null where the request is no HTTP request, such as the first bytes
    of an encrypted one. rejected : the line itself where it does not fit the format or has no
    readable time, and then all else may be null; null where it fits.

    Raises
    ------
    WorkbookError : no such file, a file that cannot be unpacked, or a format that cannot be read.
    """
    variables(format)
    place = Path(path).expanduser()
    files = sorted(place.parent.glob(place.name)) if "*" in place.name else [place]
    if not files or not files[0].is_file():
        raise WorkbookError(f'read_access_log(path): "{path}" was not found; correct the path.')
    con = connect()
    try:
        table = con.to_pyarrow(parse_lines(read_lines(con, [str(f) for f in files], "access_log"), format))
    except duckdb.Error as error:
        raise unreadable(place.name, error) from None
    frame = table.to_pandas()
    whole = {c: "Int64" for c in ("status", "bytes")}
    texts = {c: "str" for c in frame.columns if c not in (*whole, "occurred_at", "latency_ms")}
    return frame.astype(whole | texts | {"occurred_at": "datetime64[us]"})
