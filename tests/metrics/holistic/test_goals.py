"""Goals and owners: names are checked, and each metric finds who answers for it."""

import pytest

from apijourney import WorkbookError, load_workbook
from apijourney.metrics.holistic.goals import check_goals, check_names, owner_of
from apijourney.workbook import Workbook


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"owners": {"mrrr": "Ada"}}, 'workbook.yaml: owners: unknown metric or dimension "mrrr"; did you mean "mrr"?'),
        ({"owners": {"busines": "Ada"}}, 'workbook.yaml: owners: unknown metric or dimension "busines"; did you mean "business"?'),
        ({"goals": {"revenu": 1.0}}, 'workbook.yaml: goals: unknown metric "revenu"; did you mean "revenue"?'),
        ({"goals": {"business": 1.0}}, 'workbook.yaml: goals: unknown metric "business"'),
        ({"scorecard": ["availabilty"]}, 'workbook.yaml: scorecard: unknown metric "availabilty"; did you mean "availability"?'),
    ],
)
def test_a_name_nobody_knows_is_refused_with_what_was_meant(setting, sentence):
    with pytest.raises(WorkbookError) as told:
        check_names(Workbook(company="Acme", **setting))
    assert sentence in str(told.value)


@pytest.mark.parametrize(
    ("goals", "sentence"),
    [
        ("availability: 99.9", "99.9 is not between 0 and 1, as a goal of “Availability” is; write 0.999."),
        ("activated_share: -0.1", "-0.1 is not between 0 and 1, as a goal of “Activated share” is; write a share such as 0.95."),
        ("net_revenue_retention_12m: 110", "110 is not between -5 and 5, as a goal of “Net revenue retention” is; write 1.1."),
    ],
)
def test_a_goal_in_per_cent_is_refused_with_its_line_and_what_to_write(tmp_path, goals, sentence):
    (tmp_path / "workbook.yaml").write_text(f"company: T\ngoals:\n  latency_p95: 400\n  {goals}\n")
    with pytest.raises(WorkbookError) as told:
        check_goals(load_workbook(tmp_path))
    assert str(told.value) == f"workbook.yaml line 4: goals.{goals.split(':')[0]}: {sentence}"


def test_goals_of_growth_and_of_what_may_be_overspent_lie_beyond_one():
    check_goals(Workbook(company="T", goals={"net_revenue_retention_12m": 1.1, "month_over_month_growth": -0.05, "error_budget_left": -0.2}))
    check_goals(Workbook(company="T", goals={"availability": 1, "activated_share": 0, "latency_p95": 400, "nps": -20}))


def test_the_sample_names_only_what_there_is():
    book = load_workbook("sample")
    assert book.owners
    check_names(book)
    check_goals(book)


def test_a_metric_s_own_owner_comes_before_that_of_its_dimension():
    owners = {"product": "Ada", "stickiness": "Bo"}
    assert [owner_of(m, owners) for m in ("stickiness", "activated_share", "mrr")] == ["Bo", "Ada", "not named"]


def test_an_owner_is_a_text():
    with pytest.raises(WorkbookError) as told:
        load_workbook_from({"owners": {"mrr": 5}})
    assert '"owners.mrr": must be a valid string (found: 5)' in str(told.value)


def load_workbook_from(settings):
    import tempfile
    from pathlib import Path

    from ruamel.yaml import YAML

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "workbook.yaml"
        with file.open("w", encoding="utf-8") as out:
            YAML().dump({"company": "Acme"} | settings, out)
        return load_workbook(file)
