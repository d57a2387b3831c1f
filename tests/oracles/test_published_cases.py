"""Every published case is asked by a test."""

from published import CASES


def test_every_case_belongs_to_a_kind_that_is_tested():
    tested = {"funnel", "funnel_trend", "funnel_level", "retention", "retention_average", "lifecycle", "stickiness",
              "transition_matrix", "step_matrix", "correlation", "survival", "mrr_movements", "revenue_retention",
              "frequency_recency", "apdex", "burn_rate", "error_budget", "concentration", "reliability"}  # fmt: skip
    assert {case["kind"] for case in CASES.values()} == tested
