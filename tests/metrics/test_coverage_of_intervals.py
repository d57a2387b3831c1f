"""Do 95 % intervals hold the truth as often as docs/coverage.md says?

A miss is reported there with its cause. Whoever changes an interval runs `make fuzz` and writes down what comes out.
"""

from pathlib import Path

import pytest
from coverage_of_intervals import COMPANIES, METRICS, SHORT, WHALE_SHARE, as_line, bounds, coverage
from scipy.stats import binom

REPORT = (Path(__file__).resolve().parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")


def reported(metric: str) -> int:
    line, *_ = [line for line in REPORT.splitlines() if line.startswith(f"| {metric} |")]
    return int(line.split("|")[2].split("(")[0])


@pytest.mark.parametrize("metric", METRICS)
def test_a_few_companies_hold_the_truth_as_often_as_reported(metric):
    rate = reported(metric) / COMPANIES
    low, high = binom.ppf([0.0005, 0.9995], SHORT, rate)
    assert low <= coverage(metric, SHORT)["held"] <= high


@pytest.mark.fuzz
@pytest.mark.parametrize("metric", METRICS)
def test_a_thousand_companies_hold_the_truth_exactly_as_often_as_reported(metric):
    assert as_line(coverage(metric)) in REPORT


@pytest.mark.fuzz
@pytest.mark.parametrize("metric", ["NRR", "p95 latency", "CLV"])
def test_what_is_said_of_companies_without_a_whale_and_with_more_accounts_is_so(metric):
    told = REPORT.split(f"**{metric}.**")[1].split("\n")[0]
    assert str(coverage(metric, whale=False)["held"]) in told
    with_whale, without = (coverage(metric, 300, whale, 600)["held"] for whale in (True, False))
    assert f"| {metric} | {with_whale} ({100 * with_whale / 300:.1f} %) | {without} ({100 * without / 300:.1f} %) |" in REPORT


def test_a_miss_is_reported_with_its_cause():
    low, high = bounds(COMPANIES)
    assert f"between {low} and {high} of {COMPANIES:,}" in REPORT and WHALE_SHARE >= 0.2
    for metric in METRICS:
        if not low <= reported(metric) <= high:
            assert f"**{metric}.**" in REPORT
