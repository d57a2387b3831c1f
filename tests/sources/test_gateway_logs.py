"""Logs of gateways: every call becomes a row, its time, wait and caller read as the gateway meant them."""

import gzip
import json

import pandas as pd
import pytest

from apijourney import (
    WorkbookError, open_study, read_access_log, read_aws_api_gateway_log, read_envoy_log, read_kong_log,
)  # fmt: skip

AWS = [
    '{"requestId":"a1","ip":"203.0.113.9","requestTime":"01/Oct/2026:10:00:00 +0200","requestTimeEpoch":"1790841600250",'
    '"httpMethod":"GET","resourcePath":"/pets/{id}","path":"/prod/pets/7","status":"200","protocol":"HTTP/1.1",'
    '"responseLength":"512","responseLatency":"87","integrationLatency":"80","apiKeyId":"k9","stage":"prod"}',
    # an HTTP API: a route instead of a resource, no epoch, no wait, numbers as numbers
    '{"requestId":"a2","ip":"203.0.113.9","requestTime":"01/Oct/2026:23:30:00 -0500","httpMethod":"POST",'
    '"routeKey":"POST /pets","status":503,"responseLatency":"-","apiKeyId":"-"}',
    '2026-10-01T08:00:02.000Z {"requestId":"a3","requestTimeEpoch":1790841602000,"httpMethod":"GET",'
    '"routeKey":"$default","path":"/pets","status":404,"responseLatency":3}',
    '{"requestId":"a4","requestTime":"yesterday","status":200}',
    '{"requestId":"a5","status":- }',
    "",
]
AWS_FORMAT = (
    '{"id":"$context.requestId","when":$context.requestTimeEpoch,"call":{"verb":"$context.httpMethod",'
    '"what":"$context.resourcePath"},"code":$context.status,"took":$context.responseLatency,'
    '"customer":"$context.authorizer.customerId"}'
)


def kong_call(**changes):
    call = {
        "request": {"id": "r1", "method": "GET", "uri": "/v1/pets?limit=3", "headers": {"user-agent": "curl/8"}},
        "response": {"status": 200, "size": 310, "headers": {"x-kong-request-id": "r1"}},
        "latencies": {"kong": 2, "proxy": 40, "request": 45},
        "consumer": {"id": "c-77", "username": "acme"}, "authenticated_entity": {"id": "cred-1"},
        "route": {"name": "pets", "id": "x"}, "service": {"name": "petshop"}, "client_ip": "198.51.100.4",
        "started_at": 1790841600123, "workspace_name": "default",
    }  # fmt: skip
    return call | changes


ENVOY = [
    '{"authority":"api.test","bytes_sent":"615","duration":"4","method":"GET","path":"/v1/pets?x=1","protocol":"HTTP/2",'
    '"request_id":"e1","response_code":"200","response_flags":"-","start_time":"2026-10-01T08:00:00.123Z",'
    '"upstream_service_time":"3","upstream_host":"10.0.0.8:80","x_forwarded_for":null,'
    '"downstream_remote_address":"10.1.1.1:4444","user_agent":"curl/8","route_name":"default"}',
    '{"duration":30000,"method":"POST","path":"/v1/pets","request_id":"e2","response_code":0,"response_flags":"DC",'
    '"start_time":"2026-10-01T08:00:01.000Z"}',
    '"no call"',
    "[2026-10-01T08:00:02.000Z] \"GET / HTTP/1.1\" 200",
]


def written(folder, lines, name):
    lines = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    data = ("\n".join(lines) + "\n").encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder / name


def test_aws_reads_milliseconds_offsets_routes_and_a_time_before_the_object(tmp_path):
    table = read_aws_api_gateway_log(written(tmp_path, AWS, "aws.log"))
    assert len(table) == 5
    assert table["occurred_at"][:3].tolist() == [
        pd.Timestamp("2026-10-01 08:00:00.250"), pd.Timestamp("2026-10-02 04:30:00"), pd.Timestamp("2026-10-01 08:00:02"),
    ]  # fmt: skip
    assert table["endpoint"][:3].tolist() == ["/pets/{id}", "/pets", "/pets"]
    assert table["latency_ms"][0] == 87 and table["upstream_ms"][0] == 80 and table["bytes"][0] == 512
    assert table.loc[1, ["latency_ms", "key_id", "path"]].isna().all()
    assert table["status"][:3].tolist() == [200, 503, 404]
    assert table["key_id"][0] == "k9" and table["stage"][0] == "prod"


def test_a_line_of_aws_without_a_readable_time_or_that_is_no_json_is_kept_whole(tmp_path):
    table = read_aws_api_gateway_log(written(tmp_path, AWS, "aws.log"))
    assert table["rejected"].dropna().to_dict() == {3: AWS[3], 4: AWS[4]}


def test_the_fields_of_aws_are_found_by_the_format_the_stage_was_given(tmp_path):
    line = '{"id":"a1","when":1790841600,"call":{"verb":"GET","what":"/pets"},"code":200,"took":9,"customer":"acme"}'
    table = read_aws_api_gateway_log(written(tmp_path, [line], "aws.log"), AWS_FORMAT)
    row = table.iloc[0]
    assert row["occurred_at"] == pd.Timestamp("2026-10-01 08:00:00")  # ten digits are seconds
    assert row[["request_id", "method", "endpoint", "customer"]].tolist() == ["a1", "GET", "/pets", "acme"]
    assert (row["status"], row["latency_ms"]) == (200, 9)


@pytest.mark.parametrize(
    ("reader", "format", "sentence"),
    [
        (read_aws_api_gateway_log, '{"id":"$context.requestId"}', "has no time; it needs $context.requestTimeEpoch"),
        (read_aws_api_gateway_log, "$context.requestId", "AWS API Gateway log format is no JSON object"),
        (read_envoy_log, '{"ms":"%DURATION%"}', "has no time; it needs %START_TIME%"),
    ],
)
def test_a_format_that_cannot_be_read_ends_in_a_sentence(tmp_path, reader, format, sentence):
    with pytest.raises(WorkbookError, match=sentence.replace("$", r"\$").replace("%", "%")):
        reader(written(tmp_path, ["{}"], "x.log"), format)


@pytest.mark.parametrize("reader", [read_aws_api_gateway_log, read_kong_log, read_envoy_log])
def test_a_missing_file_is_named(tmp_path, reader):
    with pytest.raises(WorkbookError, match="none.log.* was not found; correct the path"):
        reader(tmp_path / "none.log")


def test_kong_reads_the_consumer_the_wait_and_the_path_without_its_query(tmp_path):
    named = kong_call(consumer={"id": "c-1", "username": "u", "custom_id": "acc_1"}, started_at=1790841600)
    nobody = kong_call(consumer=None, authenticated_entity=None, response={"status": 401})
    table = read_kong_log(written(tmp_path, [kong_call(), named, nobody], "kong.log"))
    assert table["account_id"].fillna("").tolist() == ["acme", "acc_1", ""]
    assert table["occurred_at"].tolist()[:2] == [pd.Timestamp("2026-10-01 08:00:00.123"), pd.Timestamp("2026-10-01 08:00:00")]
    assert table.loc[0, ["endpoint", "path", "query", "method"]].tolist() == ["/v1/pets", "/v1/pets", "limit=3", "GET"]
    assert table.loc[0, ["latency_ms", "upstream_ms", "status", "bytes"]].tolist() == [45, 40, 200, 310]
    assert table.loc[0, ["request_id", "key_id", "route", "service"]].tolist() == ["r1", "cred-1", "pets", "petshop"]
    assert table["status"].tolist() == [200, 200, 401] and table["rejected"].isna().all()


def test_a_batch_of_kong_is_as_many_rows_as_it_holds_calls_and_one_that_is_none_is_kept(tmp_path):
    batch = [kong_call(), "no object", kong_call(started_at="never")]
    table = read_kong_log(written(tmp_path, [batch, kong_call()], "kong.log"))
    assert table["rejected"].isna().tolist() == [True, False, False, True]


def test_envoy_reads_text_and_numbers_and_an_answer_that_never_came_has_no_status(tmp_path):
    table = read_envoy_log(written(tmp_path, ENVOY, "envoy.log"))
    assert table["occurred_at"][:2].tolist() == [pd.Timestamp("2026-10-01 08:00:00.123"), pd.Timestamp("2026-10-01 08:00:01")]
    assert table["latency_ms"][:2].tolist() == [4, 30000]
    assert table["status"][0] == 200 and pd.isna(table["status"][1])
    assert table.loc[0, ["host", "endpoint", "query", "upstream_ms"]].tolist() == ["10.1.1.1:4444", "/v1/pets", "x=1", 3]
    assert table["rejected"].notna().tolist() == [False, False, True, True]


def test_the_fields_of_envoy_are_found_by_its_json_format(tmp_path):
    format = '{"at":"%START_TIME(%s.%3f)%","ms":"%DURATION%","code":"%RESPONSE_CODE%","org":"%REQ(x-org-id)%","p":"%REQ(:PATH)%"}'
    line = '{"at":"1790841600.250","ms":12,"code":429,"org":"acme","p":"/v1/pets?y"}'
    row = read_envoy_log(written(tmp_path, [line], "envoy.log"), format).iloc[0]
    assert row["occurred_at"] == pd.Timestamp("2026-10-01 08:00:00.250")
    assert row[["latency_ms", "status", "org", "endpoint"]].tolist() == [12, 429, "acme", "/v1/pets"]


def test_several_files_packed_or_not_are_one_table(tmp_path):
    written(tmp_path, [kong_call()], "kong-1.log")
    written(tmp_path, [kong_call(), kong_call()], "kong-2.log.gz")
    assert len(read_kong_log(tmp_path / "kong-*")) == 3


@pytest.mark.parametrize("quoted", [True, False])
def test_the_wait_of_nginx_comes_out_in_milliseconds_also_from_its_json_format(tmp_path, quoted):
    mark = '"' if quoted else ""
    format = f'{{"time":"$time_iso8601","call":"$request","status":$status,"seconds":{mark}$request_time{mark}}}'
    line = f'{{"time":"2026-10-01T10:00:00+02:00","call":"GET /v1 HTTP/1.1","status":200,"seconds":{mark}0.087{mark}}}'
    row = read_access_log(written(tmp_path, [line], "nginx.log"), format).iloc[0]
    assert row["latency_ms"] == pytest.approx(87) and row["occurred_at"] == pd.Timestamp("2026-10-01 08:00:00")
    assert row["path"] == "/v1" and row["status"] == 200


WORKBOOKS = {
    "aws_api_gateway": (AWS, "{account_id: key_id, environment: {value: production}}"),
    "kong": ([kong_call(), [kong_call(request={"id": "r2", "uri": "/x"}), "no object"], "{"], "{}"),
    "envoy": (ENVOY, "{account_id: authority}"),
}


@pytest.mark.parametrize("gateway", WORKBOOKS)
def test_a_workbook_reads_the_log_and_every_row_is_used_or_put_aside(tmp_path, gateway):
    lines, columns = WORKBOOKS[gateway]
    written(tmp_path, lines, "calls.log.gz")
    (tmp_path / "workbook.yaml").write_text(
        f"company: Acme\ntables:\n  requests: {{path: calls.*, format: {gateway}, columns: {columns}}}\n"
    )
    study = open_study(tmp_path)
    aside = study.store.quarantine()
    used = study.requests().count().execute()
    rows = {"aws_api_gateway": (3, 2), "kong": (2, 2), "envoy": (2, 2)}[gateway]
    assert (used, aside["rows"].sum()) == rows
    assert set(aside["check"]) == {"line does not fit the format"}
    assert not aside["example"].str.contains(r"203\.0\.113", regex=True).any()
    assert study.coverage.set_index("table").loc["requests", "rows"] == sum(rows)


def test_the_format_of_a_gateway_may_stand_in_the_workbook_and_a_wrong_one_is_said_with_its_line(tmp_path):
    line = '{"id":"a1","when":1790841600,"call":{"verb":"GET","what":"/pets"},"code":200,"took":9,"customer":"acme"}'
    written(tmp_path, [line], "calls.log")
    text = "company: Acme\ntables:\n  requests:\n    path: calls.log\n    format: '{}'\n    columns: {{account_id: customer}}\n"
    (tmp_path / "workbook.yaml").write_text(text.format(AWS_FORMAT))
    row = open_study(tmp_path).requests().execute().iloc[0]
    assert (row["account_id"], row["latency_ms"], row["endpoint"]) == ("acme", 9, "/pets")
    (tmp_path / "workbook.yaml").write_text(text.format('{"id":"$context.requestId"}'))
    with pytest.raises(WorkbookError, match=r"workbook.yaml line 5: tables.requests.format: the log format has no time"):
        open_study(tmp_path)


def test_a_gateway_log_is_no_table_of_touchpoints(tmp_path):
    written(tmp_path, [kong_call()], "calls.log")
    (tmp_path / "workbook.yaml").write_text("company: A\ntables:\n  touchpoints: {path: calls.log, format: kong}\n")
    with pytest.raises(WorkbookError, match="the log of a gateway holds requests, not touchpoints"):
        open_study(tmp_path)
