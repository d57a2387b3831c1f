"""Loyalty on a company that sells nothing but invoices, small enough to count by hand, and on a simulated one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.retention import loyalty
from apijourney.metrics.product.engagement.engagement_metrics import active_days
from apijourney.metrics.product.retention.loyalty import (
    account_lifecycle,
    comebacks,
    known_before,
    month_1_by,
    month_1_cohorts,
    pooled_retention,
    power_curve,
    retention_triangle,
    rolling_actives,
    usage_change,
)

# January to March 2026, in UTC. a buys in all months, b comes back after a silence, c never does, d begins in March.
INVOICES = """invoice_id,account_id,issued_at,amount_minor,kind
1,a,2026-01-05T10:00:00Z,100,one_off
2,a,2026-01-05T18:00:00Z,100,one_off
3,a,2026-02-05T10:00:00Z,100,one_off
4,a,2026-03-05T10:00:00Z,100,one_off
5,a,2026-03-20T10:00:00Z,100,one_off
6,b,2026-01-10T10:00:00Z,100,one_off
7,b,2026-03-10T10:00:00Z,100,one_off
8,c,2026-02-20T10:00:00Z,100,one_off
9,d,2026-03-31T10:00:00Z,100,one_off
"""
BY_INVOICE = "definitions:\n  active: {event: invoice}"
EVERYTHING = (
    rolling_actives, power_curve, retention_triangle, known_before, month_1_cohorts, account_lifecycle,
    comebacks, usage_change,
)  # fmt: skip


@pytest.fixture
def shop(company):
    return open_study(company({"invoices.csv": INVOICES}, BY_INVOICE), month="2026-03")


def _active_sets(study) -> dict[str, set]:
    days = active_days(study)
    return {m: set(g["account_id"]) for m, g in days.groupby("month")}


def test_rolling_actives_are_masked_until_their_window_is_observed(shop):
    tables = rolling_actives(shop)
    assert list(tables) == ["on the day", "in 7 days", "in 28 days"]
    week = tables["in 7 days"].set_index("day")["accounts"]
    assert week.index[0] == pd.Timestamp("2026-01-05")  # the first day with any activity
    assert week[:"2026-01-10"].isna().all()
    assert week["2026-01-11"] == 2  # 5 to 11 January: a and b
    assert week["2026-01-17"] == 0
    month = tables["in 28 days"].set_index("day")["accounts"]
    assert month.index[-1] == pd.Timestamp("2026-03-31")
    assert month["2026-03-31"] == 3  # 4 to 31 March: a, b, d
    assert tables["on the day"].set_index("day")["accounts"]["2026-01-05"] == 1  # two invoices, one account


def test_power_curve_counts_days_not_events(shop):
    curve = power_curve(shop).set_index("periods_active")["accounts"]
    assert len(curve) == 31
    assert curve[1] == 2 and curve[2] == 1 and curve[3:].sum() == 0  # b and d once, a on the 5th and 20th


ALL_DATED = "account_id,created_at\n" + "".join(f"{who},2026-01-01T08:00:00Z\n" for who in "abcd")


def test_retention_triangle_of_invoices_counts_who_bought_again(company):
    files = {"invoices.csv": INVOICES, "accounts.csv": ALL_DATED}
    study = open_study(company(files, "observed_from: 2026-01-01\n" + BY_INVOICE), month="2026-03")
    cells = retention_triangle(study).set_index(["cohort", "period"])
    january = cells.loc["2026-01-01"]
    assert january["size"].tolist() == [2, 2, 2]
    assert january["retained"].tolist() == [2, 1, 2]  # a and b; only a in February; both in March
    assert cells.loc[("2026-02-01", 1), "retained"].item() == 0  # c did not come back
    pooled = pooled_retention(retention_triangle(study)).set_index("period")
    assert pooled.loc[1, ["retained", "size"]].tolist() == [1, 3]  # a of a, b, c; d's next month is not over


def test_without_dates_of_opening_the_first_month_observed_has_no_cohort(shop):
    cells = retention_triangle(shop)
    assert cells.groupby("cohort")["size"].first().to_dict() == {
        pd.Timestamp("2026-01-01"): 0, pd.Timestamp("2026-02-01"): 1, pd.Timestamp("2026-03-01"): 1,  # nobody; c; d
    }  # fmt: skip
    assert month_1_cohorts(shop)["group"].tolist() == ["2026-02"]
    share = measure(shop, "month_1_retention").set_index("month")
    assert share["denominator"].isna().tolist() == [True, True, False]  # January's cohort is unknown
    assert share.loc["2026-03", ["value", "numerator", "denominator"]].tolist() == [0, 0, 1]  # c did not come back


def test_an_account_opened_before_observing_is_no_beginner_whenever_it_is_first_seen(company):
    # a opened in 2025, c too: only b began in January, nobody in February
    accounts = "account_id,created_at\na,2025-12-01T00:00:00Z\nb,2026-01-10T00:00:00Z\nc,2025-12-05T00:00:00Z\n"
    folder = company({"invoices.csv": INVOICES, "accounts.csv": accounts}, "observed_from: 2026-01-01\n" + BY_INVOICE)
    study = open_study(folder, month="2026-03")
    share = measure(study, "month_1_retention").set_index("month")
    assert share.loc["2026-02", ["value", "numerator", "denominator"]].tolist() == [0, 0, 1]  # b skips February
    assert share.loc["2026-03", ["numerator", "denominator"]].tolist() == [0, 0]
    assert np.isnan(share.loc["2026-03", "value"])
    assert retention_triangle(study).groupby("cohort")["size"].first().tolist() == [1, 0, 1]  # b; nobody; d
    # ... but c was not active in January, which was observed: in February it came, and b fell silent
    quick = measure(study, "account_quick_ratio").set_index("month")
    assert quick.loc["2026-02", ["numerator", "denominator"]].tolist() == [1, 1]


def test_when_nobody_begins_in_the_months_shown_the_last_cohorts_stand_in(company):
    later = INVOICES + "10,a,2026-05-05T10:00:00Z,100,one_off\n"
    study = open_study(company({"invoices.csv": later}, BY_INVOICE), month="2026-05", months_back=2)
    begun = retention_triangle(study)
    assert begun["cohort"].drop_duplicates().tolist() == [pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01")]


def test_first_ever_leaves_out_who_was_active_in_the_first_month_observed(shop):
    cells = retention_triangle(shop, cohort="first_ever")
    sizes = cells.groupby("cohort")["size"].first()
    assert sizes.to_dict() == {pd.Timestamp("2026-02-01"): 1, pd.Timestamp("2026-03-01"): 1}  # c, d


def test_earlier_activity_counts_though_its_month_is_not_shown(company):
    study = open_study(company({"invoices.csv": INVOICES}, BY_INVOICE), month="2026-03", months_back=2)
    sizes = retention_triangle(study).groupby("cohort")["size"].first()
    assert sizes.tolist() == [1, 1]  # c in February, d in March; a and b began before
    assert account_lifecycle(study)["new"].tolist() == [1, 1]


def test_nothing_before_the_observed_interval_makes_an_account_active(company):
    folder = company({"invoices.csv": INVOICES}, "observed_from: 2026-02-01\n" + BY_INVOICE)
    study = open_study(folder, month="2026-03")
    # b's invoice of January does not count: it is first seen in March, with d
    assert account_lifecycle(study)["new"].tolist() == [2, 2]
    assert comebacks(study)["accounts"].sum() == 4
    known = known_before(study)
    assert isinstance(known, NotMeasurable)


def test_accounts_opened_before_observing_are_counted_in_their_cohort(company):
    accounts = "account_id,created_at\na,2025-12-01T00:00:00Z\nb,2026-01-10T00:00:00Z\nc,2025-12-05T00:00:00Z\n"
    folder = company({"invoices.csv": INVOICES, "accounts.csv": accounts}, "observed_from: 2026-01-01\n" + BY_INVOICE)
    known = known_before(open_study(folder, month="2026-03"))
    assert known["month"].tolist() == ["2026-01", "2026-02", "2026-03"]
    assert known["accounts"].tolist() == [2, 1, 1]  # a and b; c; d
    assert known["opened_before"].tolist() == [1, 1, 0]  # a; c; of d nothing is known


def test_lifecycle_explains_the_change_of_active_accounts(shop):
    table = account_lifecycle(shop).set_index("month")
    # January: a, b new. February: a stays, c new, b silent. March: a stays, b back, d new, c silent
    assert table[["new", "returning", "resurrecting", "dormant"]].to_numpy().tolist() == [
        [2, 0, 0, 0], [1, 1, 0, 1], [1, 1, 1, 1],
    ]  # fmt: skip


def test_comebacks_count_days_after_the_first(shop):
    table = comebacks(shop).set_index("repeat_days")
    # a: 4 active days, 3 repeats; b: 2, 1 repeat; c and d once
    assert table.loc[["0", "1", "2", "3 to 5"], "accounts"].tolist() == [2, 1, 0, 1]
    assert table["repeats"].sum() == 4
    assert table["share"].sum() == pytest.approx(1)


def test_use_without_calls_is_compared_in_active_days_by_day_of_the_month(shop):
    table = usage_change(shop).set_index("account_id")
    assert (table["unit"] == "active days").all()
    # a: 1 of 28 days, then 2 of 31; b: silent in February; c: only then; d: first in March
    assert table["state"].to_dict() == {"a": "grew", "b": "back", "c": "silent", "d": "new"}
    assert table.loc["a", "ratio"] == pytest.approx((2 / 31) / (1 / 28))
    assert np.isnan(table.loc["b", "ratio"]) and table.loc["c", "ratio"] == 0
    assert usage_change(shop)["change_a_day"].abs().is_monotonic_decreasing


def test_the_same_use_a_day_in_a_shorter_month_is_steady(company):
    # an invoice on every day of January (31) and of February (28)
    days = pd.date_range("2026-01-01", "2026-02-28")
    lines = [f"{i},a,{d:%Y-%m-%d}T10:00:00Z,1" for i, d in enumerate(days)]
    text = "\n".join(["invoice_id,account_id,issued_at,amount_minor", *lines])
    table = usage_change(open_study(company({"invoices.csv": text}, BY_INVOICE), month="2026-02"))
    assert table[["before", "now"]].iloc[0].tolist() == [31, 28]
    assert table["ratio"].iloc[0] == 1 and table["state"].iloc[0] == "steady"


def test_change_needs_two_months(company):
    answer = usage_change(open_study(company({"invoices.csv": INVOICES}, BY_INVOICE), month="2026-01"))
    assert str(answer) == (
        "Whose use grows or shrinks is not measurable: two observed months are needed; choose a later month."
    )


def test_a_company_of_invoices_has_no_groups_and_says_so(shop):
    assert isinstance(month_1_by(shop, "channel"), NotMeasurable)


def test_without_the_table_behind_active_everything_is_not_measurable(company):
    study = open_study(company({"invoices.csv": INVOICES}), month="2026-03")  # active = calls, and there are none
    for function in EVERYTHING:
        assert isinstance(function(study), NotMeasurable), function.__name__
    nothing = account_lifecycle(study)
    assert pooled_retention(nothing) is nothing


def test_month_1_cohorts_agree_with_the_sets_of_active_accounts(small_study):
    days = active_days(small_study)
    first = days.groupby("account_id")["month"].min()
    opened = small_study.accounts.set_index("account_id")["created_at"].reindex(first.index)
    first = first[(opened >= pd.Timestamp(small_study.observed_from, unit="us")) | opened.isna()]
    sets = _active_sets(small_study)
    for row in month_1_cohorts(small_study).itertuples():
        following = str(pd.Period(row.group, "M") + 1)
        started = set(first[first == row.group].index)
        assert (row.numerator, row.denominator) == (len(started & sets[following]), len(started))


def test_use_of_a_company_with_calls_counts_its_successful_calls(small_study):
    table = usage_change(small_study)
    assert (table["unit"] == "calls").all()
    log = small_study.active_log
    start, end = small_study.bounds(small_study.month)
    assert table["now"].sum() == ((log.time >= start) & (log.time < end)).sum()
    assert set(table.loc[table["now"] > 0, "account_id"]) == _active_sets(small_study)[small_study.month]


def test_channels_add_up_to_the_accounts_followed(small_study):
    everyone = month_1_cohorts(small_study)
    assert month_1_by(small_study, "channel")["denominator"].sum() <= everyone["denominator"].sum()
    assert month_1_by(small_study, "segment")["denominator"].sum() > 0


@pytest.mark.parametrize("month", ["2025-05", "2025-06"])
def test_an_early_month_does_not_crash(small_company, month):
    study = open_study(small_company, month=month)
    for function in EVERYTHING:
        function(study)
    assert isinstance(retention_triangle(study, cohort="first_ever"), NotMeasurable) == (month == "2025-05")


@settings(max_examples=12)  # each opens a study
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 89)), min_size=1, max_size=25))
def test_loyalty_equals_its_definition_on_random_days(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp("random")
    start = pd.Timestamp("2026-01-01")  # 90 days: January, February, March
    lines = [f"{i},{who},{start + pd.Timedelta(days=d):%Y-%m-%d}T12:00:00Z,1" for i, (who, d) in enumerate(pairs)]
    lines += ["first,y,2026-01-01T12:00:00Z,1", "last,z,2026-03-31T12:00:00Z,1"]
    (folder / "invoices.csv").write_text("\n".join(["invoice_id,account_id,issued_at,amount_minor", *lines]))
    (folder / "workbook.yaml").write_text(f"company: Random\nobserved_from: 2026-01-01\n{BY_INVOICE}\n")
    study = open_study(folder, month="2026-03")
    days = {who: {d for w, d in pairs if w == who} for who in {w for w, _ in pairs}} | {"y": {0}, "z": {89}}

    frequency = [len(d) - 1 for d in days.values()]
    table = comebacks(study)
    assert table["accounts"].sum() == len(days) and table["repeats"].sum() == sum(frequency)
    assert table["accounts"].iloc[0] == sum(f == 0 for f in frequency)

    month = {who: {0 if d < 31 else 1 if d < 59 else 2 for d in active} for who, active in days.items()}
    life = account_lifecycle(study).set_index("month").loc["2026-03"]
    assert life["new"] == sum(m == {2} for m in month.values())
    assert life["returning"] == sum({1, 2} <= m for m in month.values())
    assert life["resurrecting"] == sum({0, 2} == m for m in month.values())
    assert life["dormant"] == sum(1 in m and 2 not in m for m in month.values())

    change = usage_change(study).set_index("account_id")
    for who, active in days.items():
        before, now = sum(31 <= d < 59 for d in active), sum(d >= 59 for d in active)
        if before or now:
            assert change.loc[who, ["before", "now"]].tolist() == [before, now]
        else:
            assert who not in change.index


def test_a_range_on_screen_makes_old_accounts_look_new(company):
    # a begins in February, b in March; both are active in March, a with two purchases. z was there in January.
    lines = "account_id,issued_at,amount_minor\nz,2026-01-10,1\na,2026-02-10,1\na,2026-03-05,1\na,2026-03-06,1\nb,2026-03-07,1\nb,2026-04-07,1\na,2026-04-30,1\n"
    study = open_study(company({"invoices.csv": lines}, "definitions: {active: {event: invoice}}"), month="2026-04", months_back=2)
    sizes = {}
    for shown_only in (False, True):
        table = retention_triangle(study, shown_only=shown_only)
        sizes[shown_only] = table[table["period"] == 0]["size"].tolist()
    assert sizes == {False: [1, 0], True: [2, 0]}
    twice = retention_triangle(study, cohort="recurring", minimum=2)
    assert twice[twice["period"] == 1]["retained"].tolist() == [0]  # a and b came back in April, once each


@pytest.mark.parametrize("period", ["M", "W"])
@pytest.mark.parametrize("how", [{}, {"cohort": "recurring"}, {"cohort": "first_ever"}, {"shown_only": True}])
def test_a_triangle_from_the_first_events_of_each_period_is_that_of_all_events(small_study, monkeypatch, period, how):
    monkeypatch.setattr(loyalty, "MINIMA", 0)  # so all events are read
    wanted = {(m, k): loyalty.retention_triangle(small_study, minimum=m, kind=k, period=period, **how) for m in (1, 3, 10) for k in ("on", "on_or_after", "bracket")}
    monkeypatch.undo()
    for (minimum, kind), slow in wanted.items():
        quick = loyalty.retention_triangle(small_study, minimum=minimum, kind=kind, period=period, **how)
        pd.testing.assert_frame_equal(quick, slow)
