"""The sentences about retention say the numbers of their tables, and nothing where there is nothing."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.readings.retention import (
    read_actives,
    read_movers,
    read_cohorts,
    read_comebacks,
    read_lifecycle,
    read_power,
    read_retention,
    read_truncation,
)

NOTHING = NotMeasurable("Cohort retention", "add requests.")
STUDY = SimpleNamespace(
    months=["2026-08", "2026-09"], all_months=["2026-08", "2026-09"], until_day=np.datetime64("2026-10-01"),
    lacks=lambda *needs: [],
)


def test_actives_name_only_lines_known_on_the_last_day():
    days = pd.to_datetime(["2026-10-30", "2026-10-31"])
    tables = {
        "on the day": pd.DataFrame({"day": days, "accounts": [3.0, 4.0]}),
        "in 28 days": pd.DataFrame({"day": days, "accounts": [np.nan, np.nan]}),
    }
    assert read_actives(tables) == "Accounts active up to 2026-10-31: **4** on the day."
    assert read_actives({"in 28 days": tables["in 28 days"]}).startswith("No account was active")


def test_power_says_how_many_came_once_and_how_many_on_most_days():
    table = pd.DataFrame({"periods_active": [1, 2, 3, 4], "accounts": [5, 1, 3, 1]})
    # half of 4 days is 2: three and four days are more
    assert read_power(table, "2026-10") == (
        "Active in October 2026: 10 accounts; on one day only: 5 (**50 %**), on more than 2 days: 4 (**40 %**)."
    )
    assert read_power(table.assign(accounts=0), "2026-10") == "No account was active in October 2026."


def test_retention_carries_interval_and_n():
    average = pd.DataFrame({"period": [0, 1, 2], "share": [1, 0.5, 0.4], "low": [0.9, 0.4, 0.3], "high": [1, 0.6, 0.5], "size": [90, 80, 50]})
    assert read_retention(average) == (
        "Of the accounts of all cohorts followed that long, active again: **50 %** in month 1 (95 % interval 40 % to "
        "60 %; n = 80 accounts)."
    )
    assert read_retention(average.head(1)) == "No cohort has been followed for a whole month after its start."
    assert read_retention(average.head(0)) == "Nobody is known to have begun in the time shown."


def test_cohorts_from_before_the_months_shown_are_named():
    study = SimpleNamespace(months=["2026-08", "2026-09"], span="August 2026 to September 2026")
    cohorts = pd.DataFrame({"cohort": pd.to_datetime(["2026-02-01", "2026-03-01", "2026-04-01"]), "size": [5, 4, 0]})
    assert read_cohorts(cohorts, study) == (
        "Nobody is known to have begun in August 2026 to September 2026. Shown are the last cohorts there are: February "
        "2026 to March 2026."
    )
    assert read_cohorts(cohorts.assign(size=0), study) == (
        "Nobody is known to have begun in August 2026 to September 2026."
    )
    assert read_cohorts(cohorts.assign(cohort=pd.to_datetime("2026-08-01")), study) == ""


def test_truncation_is_said_when_it_can_mislead_and_not_otherwise():
    known = pd.DataFrame({"month": ["2026-08"], "accounts": [10], "opened_before": [4]})
    assert read_truncation(known, STUDY).startswith("Observing began in August 2026: 4 of the 10 accounts")
    assert read_truncation(known.assign(opened_before=0), STUDY) == ""
    assert read_truncation(NOTHING, STUDY).endswith("who began in that month: its accounts are in no cohort.")
    later = SimpleNamespace(months=["2026-09"], all_months=STUDY.all_months)
    assert read_truncation(NOTHING, later) == ""
    without = SimpleNamespace(months=STUDY.months, all_months=STUDY.all_months, lacks=lambda *needs: ["requests"])
    assert read_truncation(NOTHING, without) == ""


def test_lifecycle_explains_the_change_and_excuses_the_first_month():
    table = pd.DataFrame({"month": ["2026-09"], "new": [3], "returning": [10], "resurrecting": [1], "dormant": [6]})
    assert read_lifecycle(table, STUDY) == (
        "Active in September 2026: **14 accounts**, 10 returning, 3 new and 1 resurrecting. 6 that were "
        "active the month before are dormant, so the number fell by **2**."
    )
    assert read_lifecycle(table.assign(dormant=4), STUDY).endswith("so the number stayed the same.")
    first = table.assign(month="2026-08", returning=0, dormant=0, resurrecting=0)
    assert "first month observed: all 3 active accounts look new" in read_lifecycle(first, STUDY)


def test_comebacks_count_accounts_and_repeats():
    table = pd.DataFrame({"first": [0, 1], "accounts": [3, 1], "repeats": [0, 1]})
    assert read_comebacks(table, STUDY) == (
        "Up to 2026-09-30, **4 accounts** have been active. **3** of them (75 %) were active on one day only; together "
        "the others came back on **1 day**."
    )
    assert read_comebacks(table.head(0), STUDY) == "No account has been active yet."


def test_change_names_the_largest_decline_and_increase_with_owner():
    columns = ["account_id", "name", "owner", "unit", "before", "now", "before_a_day", "now_a_day", "change_a_day", "state"]
    rows = [("a", "Ada Ltd", "Elif", "calls", 280, 31, 10.0, 1.0, -9.0, "shrank"), ("b", "", "", "calls", 28, 62, 1.0, 2.0, 1.0, "grew")]
    text = read_movers(pd.DataFrame(rows, columns=columns))
    assert "The largest decline by size: Ada Ltd (a, owner Elif), from 10.0 to 1.0 calls a day." in text
    assert "The largest increase by size: b (no owner named), from 1.0 to 2.0 calls a day." in text
    up = pd.DataFrame(rows[1:], columns=columns).assign(unit="active days", before=1, now=2)
    assert "decline" not in read_movers(up)
    assert "from 1 to 2 active days." in read_movers(up)
    assert read_movers(up.head(0)) == ""


def test_readings_hand_a_missing_table_on():
    assert read_actives(NOTHING) is NOTHING
    assert read_power(NOTHING, "2026-10") is NOTHING
    assert read_retention(NOTHING) is NOTHING
    assert read_lifecycle(NOTHING, STUDY) is NOTHING
    assert read_comebacks(NOTHING, STUDY) is NOTHING
    assert read_movers(NOTHING) is NOTHING
