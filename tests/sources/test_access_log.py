"""Access logs: every line becomes a row, read as the server meant it, or stands there as it came."""

import gzip

import ibis
import pandas as pd
import pytest

from apijourney import WorkbookError, open_study, read_access_log
from apijourney.sources.access_log import NAMED
from apijourney.sources.engine import connect
from apijourney.sources.page_views import visitor_kind

NGINX = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" $request_time'
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
# Six lines: a named user and escaped marks, IPv6 and no body, no request, TLS, one that is no line of a log, a cut one.
LINES = [
    r'10.0.0.1 - frank miller [10/Oct/2000:13:55:36 -0700] "GET /a%20b?x=1&y=?2 HTTP/1.0" 200 2326 '
    r'"http://x.test/\"q\"" "Mo\x22z\\illa 100% \xC3\xBC"',
    '2001:db8::7 - - [10/Oct/2000:13:55:36 +0530] "HEAD / HTTP/1.1" 304 - "-" "-"',
    '10.0.0.2 - - [10/Oct/2000:13:55:37 +0000] "-" 408 - "-" "-"',
    r'10.0.0.3 - - [10/Oct/2000:13:55:38 +0000] "\x16\x03\x01\x00\xFF GET" 400 226 "-" "-"',
    "logrotate was here",
    '10.0.0.4 - - [10/Oct/2000:13:55:39 +0000] "GET /cut HTTP/2.0" 200 5 "-" "Mozilla/5.0 (cut in the mid',
]


def log(folder, lines, name="access.log"):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / name


@pytest.fixture
def table(tmp_path):
    return read_access_log(log(tmp_path, LINES))


def test_every_line_is_a_row_in_its_order_and_one_that_does_not_fit_is_kept_whole(table):
    assert len(table) == 6
    assert table["rejected"].dropna().to_dict() == {4: "logrotate was here"}
    assert table.loc[4].drop("rejected").isna().all()


def test_the_offset_of_the_log_is_honoured(table):
    at = table["occurred_at"]
    assert str(at.dtype) == "datetime64[us]"
    assert at[0] == pd.Timestamp("2000-10-10 20:55:36") and at[1] == pd.Timestamp("2000-10-10 08:25:36")


def test_escaped_marks_are_read_back_and_other_bytes_stay_as_the_server_wrote_them(table):
    assert table["referrer"][0] == 'http://x.test/"q"'
    assert table["user_agent"][0] == r'Mo"z\illa 100% \xC3\xBC'
    assert table["user"][0] == "frank miller"


def test_a_request_is_parted_into_method_path_query_and_protocol(table):
    assert table.loc[0, ["method", "path", "query", "protocol"]].tolist() == ["GET", "/a%20b", "x=1&y=?2", "HTTP/1.0"]
    assert table.loc[1, ["method", "path", "protocol"]].tolist() == ["HEAD", "/", "HTTP/1.1"]
    assert pd.isna(table["query"][1])


def test_what_is_no_http_request_has_no_method_or_path_but_is_a_row(table):
    for row, status in ((2, 408), (3, 400)):
        assert table.loc[row, ["method", "path", "query", "protocol", "rejected"]].isna().all()
        assert table["status"][row] == status


def test_a_dash_is_no_value(table):
    assert table["host"][1] == "2001:db8::7"
    assert table.loc[1, ["user", "bytes", "referrer", "user_agent"]].isna().all()
    assert table["bytes"].dropna().tolist() == [2326, 226, 5]


def test_a_line_that_was_cut_in_its_last_field_is_read_as_far_as_it_goes(table):
    assert table["user_agent"][5] == "Mozilla/5.0 (cut in the mid"
    assert table["path"][5] == "/cut"


def test_a_line_without_a_possible_time_does_not_fit(tmp_path):
    line = LINES[2].replace("10/Oct", "31/Feb")
    assert read_access_log(log(tmp_path, [line]))["rejected"].tolist() == [line]


def test_an_nginx_format_gives_latency_in_milliseconds_and_further_columns(tmp_path):
    line = f'10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /v1/x HTTP/1.1" 200 5 "-" "{FIREFOX}" 0.123'
    table = read_access_log(log(tmp_path, [line, line.replace("0.123", "-")]), NGINX)
    assert table["latency_ms"][0] == 123 and pd.isna(table["latency_ms"][1])
    assert table["rejected"].isna().all()
    wide = read_access_log(
        log(tmp_path, [f'{line} "0.1, 0.02" eu-1 1b2c']), f'{NGINX} "$upstream_response_time" ${{zone}} $request_id'
    )
    assert wide.loc[0, ["upstream_response_time", "zone", "request_id"]].tolist() == ["0.1, 0.02", "eu-1", "1b2c"]


def test_other_times_of_nginx_are_read(tmp_path):
    for variable, text in (("msec", "971186136.250"), ("time_iso8601", "2000-10-10T15:55:36.250+02:00")):
        table = read_access_log(log(tmp_path, [f"10.0.0.1 {text} 200"]), f"$remote_addr ${variable} $status")
        assert table["occurred_at"].tolist() == [pd.Timestamp("2000-10-10 13:55:36.250")], variable


def test_the_common_format_has_neither_referrer_nor_user_agent(tmp_path):
    table = read_access_log(log(tmp_path, [LINES[1].removesuffix(' "-" "-"'), LINES[1]]), "common")
    assert table["status"][0] == 304 and table["user_agent"].isna().all()
    assert table["rejected"].tolist()[1] == LINES[1]


def test_gzip_and_many_files_are_read_in_the_order_of_their_names(tmp_path):
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress((LINES[0] + "\r\n").encode()))
    log(tmp_path, [LINES[1], "", "   ", LINES[2]], "access.log.2")
    table = read_access_log(tmp_path / "access.log*")
    assert table["status"].tolist() == [200, 304, 408]
    assert table["rejected"].isna().all()


def test_a_strange_byte_or_carriage_return_does_not_hide_the_log(tmp_path):
    strange = LINES[2].replace('"-" "-"', '"-" "caf\xe9"').encode("latin-1")
    (tmp_path / "access.log").write_bytes(strange + b"\nx\ry\x1fz\n" + LINES[1].encode())
    table = read_access_log(tmp_path / "access.log")
    assert table["user_agent"][0] == "café"
    assert table["rejected"].dropna().tolist() == ["x", "y\x1fz"]
    assert table["status"].dropna().tolist() == [408, 304]


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("combind", 'format "combind" is no access log\'s format; did you mean "combined"? An NGINX log_format such as '
                    '"$remote_addr [$time_local] $status" is one too.'),
        ("$remote_addr $status", "the log format has no time ($remote_addr, $status); it needs $time_local, "
                                 "$time_iso8601 or $msec."),
        ("$msec $status $status", 'the log format names "$status" twice; write each variable once.'),
        ("$msec$status", "the log format has two variables with nothing in between; nobody can part them."),
    ],
)  # fmt: skip
def test_a_format_that_cannot_be_read_is_one_sentence(format, expected):
    with pytest.raises(WorkbookError) as caught:
        read_access_log("access.log", format)
    assert str(caught.value) == expected


def test_a_file_that_is_not_there_or_not_whole_is_one_sentence(tmp_path):
    with pytest.raises(WorkbookError, match=r'read_access_log\(path\): ".*none\*" was not found; correct the path\.'):
        read_access_log(tmp_path / "none*")
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress("\n".join(LINES * 500).encode())[:-40])
    with pytest.raises(WorkbookError, match=r"^cut\.log\.gz: cannot be read \("):
        read_access_log(tmp_path / "cut.log.gz")


# -- as tables of a workbook ---------------------------------------------------------------------

BOTH = "tables:\n  requests: {path: access.log, format: combined}\n  touchpoints: {path: access.log, format: combined}"


def hit(path="/", *, host="10.0.0.1", agent=FIREFOX, status=200, method="GET", day=10):
    return f'{host} - - [{day}/Oct/2000:13:55:36 +0000] "{method} {path} HTTP/1.1" {status} 1 "-" "{agent}"'


def test_one_log_is_requests_and_page_views_and_every_line_is_accounted_for(company):
    lines = [
        hit("/docs?utm=x"), hit("/docs", day=11), hit("/docs", agent="curl/8.1"), hit("/style.CSS"), hit("/a.png?v=2"),
        hit("/gone", status=404), hit("/", method="POST"), hit("/", host="10.0.0.2"), "10.9.8.7 no line of a log",
    ]  # fmt: skip
    study = open_study(company({"access.log": "\n".join(lines)}, BOTH))
    found = study.quality.set_index(["table", "check"])[["rows", "severity"]].apply(tuple, axis=1).to_dict()
    assert found == {
        ("requests", "call of nobody known (no call names an account)"): (8, "kept, belongs to no account"),
        ("requests", "line does not fit the format"): (1, "put aside"),
        ("touchpoints", "left out by exclude.path"): (2, "excluded"),
        ("touchpoints", "left out by where.method"): (1, "excluded"),
        ("touchpoints", "left out by where.status"): (1, "excluded"),
        ("touchpoints", "line does not fit the format"): (1, "put aside"),
        ("touchpoints", "not a person (crawler, monitor or agent)"): (1, "left out"),
    }
    assert dict(zip(study.coverage["table"], study.coverage["rows"], strict=True))["touchpoints"] == 9
    events = study.events  # four page views remain, one of them curl's
    assert len(study.everything) == 4 and len(events) == 3
    assert sorted(events.properties["page"].astype("str")) == ["/", "/docs", "/docs"]
    assert len(set(events.account.tolist())) == 2  # two addresses with one browser are two visitors
    assert study.requests().count().execute() == 8


def test_no_address_is_shown(company):
    study = open_study(company({"access.log": "\n".join([hit(), hit("/b"), hit("/c"), "10.9.8.7 no line"])}, BOTH))
    assert "10.0.0.1" not in str(list(study.everything.accounts))
    example = study.quality.set_index("check").loc["line does not fit the format", "example"]
    assert set(example) == {"(address) no line"}


def test_another_rule_in_the_workbook_file_takes_the_place_of_the_usual_one(company):
    rules = "tables:\n  touchpoints:\n    path: access.log\n    format: combined\n"
    rules += "    where: {status: [200, 404]}\n    exclude: {path: ^/internal/}"
    lines = [hit("/a.png"), hit("/internal/x"), hit("/gone", status=404), hit("/x", method="POST")]
    study = open_study(company({"access.log": "\n".join(lines)}, rules))
    assert sorted(study.events.properties["page"].astype("str")) == ["/a.png", "/gone"]


def test_a_log_without_user_agents_does_not_make_everybody_a_crawler(company):
    lines = [hit().split(' "-" ')[0], hit("/b").split(' "-" ')[0]]
    study = open_study(company({"access.log": "\n".join(lines)}, BOTH.replace("combined", "common")))
    assert not study.is_bot.any() and len(study.events) == 2


def test_a_log_in_another_format_stops_with_an_example(company):
    with pytest.raises(WorkbookError) as caught:
        open_study(company({"access.log": "\n".join([hit(), hit("/b")])}, BOTH.replace("combined", "common")))
    assert str(caught.value).startswith("access.log: 2 of 2 lines do not fit the format (for example '(address) - - [")
    assert str(caught.value).endswith("'); correct tables.touchpoints.format.")


AGENTS = {
    FIREFOX: None,
    "Mozilla/5.0 (Linux; Android 9; CUBOT NOTE 7) AppleWebKit/537.36 Chrome/100 Mobile Safari/537.36": None,
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "crawler",
    "Tiny Tiny RSS/1.11 (http://tt-rss.org/)": "crawler",
    "python-requests/2.31": "crawler",
    None: "crawler",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)": "ai_agent",
    "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)": "ai_agent",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)": "monitor",
    "kube-probe/1.29": "monitor",
}


def test_a_user_agent_says_what_kind_of_visitor_it_is():
    table = ibis.memtable(pd.DataFrame({"agent": pd.Series(list(AGENTS), dtype="str")}))
    found = connect().to_pyarrow(table.select("agent", kind=visitor_kind(table.agent))).to_pylist()
    assert {row["agent"]: row["kind"] for row in found} == AGENTS


def test_the_named_formats_are_those_of_apache_and_nginx():
    assert set(NAMED) == {"common", "combined"}
    assert NAMED["combined"].startswith(NAMED["common"])
