"""Sentences on the service closer by say what the tables hold, and nothing where they hold nothing."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.readings.service_detail import (
    alarm_words, read_after_errors, read_alarms, read_compared, read_concurrency, read_fixes, read_headroom, read_hours,
    read_migration, read_regions, read_unusual,
)  # fmt: skip

NAN, INF = float("nan"), float("inf")
ALARMS = pd.DataFrame(
    [("1 hour and 5 minutes", 14.4, 3, 2, 1, 2, 1, 12.0), ("3 days and 6 hours", 1.0, 9, 1, 8, 2, 2, 40.0)],
    columns=["rule", "times", "would_fire", "in_incident", "without", "incidents", "noticed", "minutes"],
)


def test_an_alarm_says_what_it_noticed_and_when_it_rang_for_nothing():
    assert read_alarms(ALARMS, span="2026") == (
        "From 2026, the quick alarm on the burn rate would have been raised **3** times and noticed 1 of 2 incidents, 12 minutes after the "
        "beginning (median); 1 of these without an incident. The slow one (3 days and 6 hours) would have been raised 9 times, 8 without an incident."
    )
    assert read_alarms(ALARMS.assign(would_fire=0), span="2026") == "From 2026, no alarm on the burn rate would have been raised."
    words = alarm_words(ALARMS)
    assert words["burning"].tolist() == ["14.4 times as fast as allowed", "1 times as fast as allowed"]
    assert words["incidents noticed"].tolist() == ["1 of 2", "2 of 2"]


def test_incidents_of_the_calls_alone_are_counted_apart():
    rows = [("in both", 0.8), ("written down only", 0.0), ("in the calls only", 0.0)]
    table = pd.DataFrame(rows, columns=["seen", "overlap_share"])
    assert read_compared(table, span="2026") == (
        "From 2026, the calls show 1 of the 2 incidents written down (80 % of the time in common, on average), and **1** that was not written down."
    )
    assert read_compared(table.head(0), span="2026") == "From 2026, no incident was written down, and the calls show none."
    assert read_compared(table.tail(1), span="2026") == "From 2026, no incident was written down, and the calls show **1**."


def test_concurrency_says_both_counts():
    table = pd.DataFrame({"month": ["2026-10"], "per_second": [50.0], "mean_ms": [200.0], "mean": [10.0], "peak": [41]})
    assert read_concurrency(table) == (
        "In October 2026, 50 calls a second came and took 200 ms each (mean), so that **10** were open at a time (Little's law); at the busiest "
        "instant **41** were."
    )
    assert read_concurrency(table.assign(mean=NAN)) == ""


def test_headroom_gives_a_date_only_where_there_is_one():
    def said(**row):
        base = {"resource": "memory", "now": 0.5, "slope_per_month": 0.01, "months_left": 20.0, "earliest": 15.0, "latest": 30.0}
        return read_headroom(pd.DataFrame([base | row]), full_at=0.8)

    assert said() == "The memory is at 50 % when it is busy; at this growth it reaches 80 % in **15** months at the earliest, in 30 at the latest."
    twice = pd.DataFrame([{"resource": r, "now": 0.85} for r in ("processor", "memory")])
    assert read_headroom(twice, full_at=0.8) == "The processor is at 85 % when it is busy: full. The memory is at 85 % when it is busy: full."
    assert said(latest=INF).endswith("in **15** months at the earliest; a latest month is not known.")
    assert said(months_left=NAN).endswith("it does not grow by more than chance, so no date is known.")
    assert said(slope_per_month=NAN).endswith("fewer than six whole months are known, so no date is.")
    assert said(earliest=INF, latest=INF).endswith("it grows, but does not reach 80 % within three years.")
    assert said(now=0.85).endswith("is at 85 % when it is busy: full.")
    assert said(now=NAN) == ""


def groups(rows):
    return pd.DataFrame(rows, columns=["group", "quantile", "latency_ms", "low", "high", "calls"])


def test_hours_and_regions_say_whether_chance_could_do_it():
    apart = groups([(3, 0.9, 400.0, 380.0, 420.0, 500), (9, 0.9, 250.0, 240.0, 260.0, 900)])
    assert read_hours(apart, month="2026-10").endswith("the quickest (from 9:00); their intervals do not overlap.")
    near = groups([(3, 0.9, 262.0, 250.0, 270.0, 500), (9, 0.9, 250.0, 240.0, 260.0, 900)])
    assert read_hours(near, month="2026-10").endswith("their intervals overlap, so the hour hardly matters.")
    assert read_hours(apart.head(1), month="2026-10") == ""
    text = read_regions(apart.replace({"group": {3: "ap", 9: "eu"}}), month="2026-10")
    assert "callers of the region **ap** wait longest" in text and text.endswith("against 250 ms in eu (more than chance).")


def after(code, n, success, errors):
    shares = {"success": success, "more_errors": errors, "silence": 1 - success - errors}
    return [(code, 20, n, a, v, v / 2, min(1, v * 2), round(n * v)) for a, v in shares.items()]


def test_the_worst_and_the_best_code_are_named_and_rare_ones_are_not():
    columns = ["code", "accounts", "encounters", "after", "value", "low", "high", "numerator"]
    table = pd.DataFrame(after(429, 100, 0.0, 0.5) + after(404, 80, 0.5, 0.0) + after(502, 7, 1.0, 0.0) + after(0, 900, 0.3, 0.0), columns=columns)
    text = read_after_errors(table, month="2026-10")
    assert text.startswith("In October 2026, the hour after a **429** went worst: success followed 0 % of 100 encounters")
    assert "It went best after a 404: success followed 50 % of 80" in text and "502" not in text
    assert text.endswith("After a good call 70 % are silent for an hour, so silence alone says little.")
    few = read_after_errors(table[table["code"] == 502], month="2026-10")
    assert few == "In October 2026, no error code was met often enough, by enough accounts, to say what follows it."


def test_unusual_days_are_counted_against_chance_and_those_of_the_month_are_named():
    days = pd.to_datetime(["2026-09-01", "2026-10-01", "2026-10-02"])
    calls = pd.DataFrame({"measure": "calls", "day": days, "value": 1.0, "expected": 1.0, "unusual": [False, True, False]})
    both = pd.concat([calls, calls.assign(measure="p95_ms")], ignore_index=True)
    text = read_unusual(both, month="2026-10", span="2026", false_marks=0.5)
    assert text == (
        "From 2026, 2 of 6 daily values lay outside their band; chance alone marks at most 3. More than one of the three was unusual on "
        "**2026-10-01**. In October 2026: the number of calls on **2026-10-01**; the wait on **2026-10-01**."
    )
    assert read_unusual(both, month="2026-09", span="2026", false_marks=0.5).endswith("In September 2026 none was.")


def test_who_moved_who_left_and_when_half_had():
    table = pd.DataFrame({"state": ["moved", "moved", "left", "still there"], "api_version": "v1", "announced": pd.Timestamp("2026-05-11")})
    curve = pd.DataFrame({"days": [0.0, 10.0, 40.0], "value": [1.0, 0.5, 0.25], "low": [1.0, 0.1, 0.05], "high": [1.0, 0.8, 0.6]})
    text = read_migration(table, curve)
    assert "**2** have moved, 1 stopped calling altogether, and **1** still calls it. Half had moved after **10 days**;" in text
    assert "Half of them have not moved yet" in read_migration(table, curve.head(1))


def test_a_fix_is_named_with_those_who_still_call_what_it_mended():
    fixes = pd.DataFrame(
        {"fixed": ["py 1.0.0"], "version": ["py 1.0.1"], "released_at": pd.to_datetime(["2026-06-08"]), "days": [63.0], "still": [4.0], "users": [20.0]}
    )
    metric = pd.DataFrame({"month": ["2026-10"], "value": [63.0], "denominator": [1.0]})
    assert read_fixes(fixes, metric).endswith("63.0 days after py 1.0.0, which **4** of 20 accounts with that SDK still called in October 2026.")
    assert read_fixes(fixes.assign(users=NAN), metric).endswith("63.0 days after py 1.0.0.")
    assert "is not known" in read_fixes(fixes, metric.assign(value=np.nan))
    note = NotMeasurable("Time to fix", "add releases.")
    assert read_fixes(note, metric) is note
