"""The walk through gateway logs in docs/ does what it says: each workbook reads the line beside it."""

import re
from pathlib import Path

import pandas as pd
import pytest

from apijourney import open_study

PAGE = (Path(__file__).parents[2] / "docs" / "gateway-logs.md").read_text(encoding="utf-8")
_WALK = r"^## ([^\n]+)\n(?:(?!^## ).)*?```yaml\n(.*?)```\n\n```\n(.*?)```"
WALKS = {name: (book, line) for name, book, line in re.findall(_WALK, PAGE, re.DOTALL | re.MULTILINE)}


def test_every_gateway_has_a_workbook_and_a_line():
    assert list(WALKS) == ["NGINX", "AWS API Gateway", "Kong", "Envoy and Istio"]


@pytest.mark.parametrize("gateway", WALKS)
def test_the_workbook_of_the_page_reads_the_line_of_the_page(tmp_path, gateway):
    (tmp_path / "workbook.yaml").write_text(WALKS[gateway][0], encoding="utf-8")
    (tmp_path / "gateway.log").write_text(WALKS[gateway][1], encoding="utf-8")
    call = open_study(tmp_path).requests().execute().iloc[0]
    at = pd.Timestamp("2026-10-01 08:00:00" if gateway == "NGINX" else "2026-10-01 08:00:00.250")
    assert call["occurred_at"] == at
    assert call[["account_id", "endpoint", "method", "status"]].tolist() == ["acme", "/v1/pets", "GET", 200]
    assert call["latency_ms"] == pytest.approx(87)
