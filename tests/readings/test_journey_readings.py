"""The sentences about the journey say what their tables hold, and nothing where they hold nothing."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable
from apijourney.metrics.product.discovery.touchpoints import path_shares
from apijourney.readings import journey

MAP = pd.DataFrame(
    {
        "touchpoint": ["docs", "webhook", "sign-up", "alert"],
        "units": [1200.0, np.nan, 7.0, 0.0],
        "measured": [True, False, True, True],
    }
)


def test_map_names_the_busiest_the_rarest_and_the_empty():
    assert journey.read_touchpoints(MAP, month="2026-10") == (
        "Of 4 touchpoints of the journey, **3** can be measured up to October 2026. Most accounts and "
        "visitors were at “docs” (1,200), fewest at “sign-up” (7). Nobody was at “alert”."
    )


def test_map_of_an_empty_month_says_nobody():
    text = journey.read_touchpoints(MAP.assign(units=0.0), month="2026-10")
    assert text.endswith("Nobody was at any of them in that month.")


def test_blind_spots_are_counted_by_kind():
    spots = pd.DataFrame({"kind": ["touchpoint", "table", "table", "metric"]})
    assert "**1 touchpoint, 2 tables and 1 metric**" in journey.read_blind_spots(spots, month="2026-10")
    assert "Up to October 2026 there is no blind spot" in journey.read_blind_spots(spots.iloc[:0], month="2026-10")


def test_catalogue_names_the_dark_stages():
    table = pd.DataFrame(
        {"stage": ["discover", "scale", "scale"], "timing": ["leading", "lagging", "leading"],
         "measured": [False, True, False]}
    )  # fmt: skip
    assert journey.read_catalog(table, month="2026-10") == (
        "The catalogue holds **3** metrics, 2 of them leading. 1 can be measured on the data up to October 2026. "
        "None of those speaks about “discover”."
    )


def test_stages_stand_beside_the_month_before():
    table = pd.DataFrame(
        {"month": ["2026-09", "2026-10"] * 2, "stage": ["discover"] * 2 + ["scale"] * 2,
         "units": [10.0, 12.0, np.nan, 3.0]}
    )  # fmt: skip
    assert journey.read_stages(table) == (
        "Accounts and visitors in October 2026: discover 12 (month before: 10), scale 3."
    )
    assert journey.read_stages(table[table["month"] == "2026-10"]).endswith("discover 12, scale 3.")


def _channels(value, before, q):
    return pd.DataFrame(
        {"channel": ["ads"], "numerator": [round(100 * value)], "denominator": [100], "value": [value],
         "low": [value - 0.09], "high": [value + 0.09], "before": [before], "before_n": [900], "q": [q]}
    )  # fmt: skip


def test_channel_shift_is_claimed_only_when_large_and_unlikely_chance():
    claimed = journey.find_channel_shift(_channels(0.5, 0.2, 1e-6), month="2026-10")
    assert "**50 %** of the accounts opened in October 2026 came through “ads”" in claimed
    assert "more than the 20 % of the earlier months (n = 900)" in claimed
    assert journey.find_channel_shift(_channels(0.5, 0.2, 0.01), month="2026-10") == ""
    assert journey.find_channel_shift(_channels(0.25, 0.2, 1e-6), month="2026-10") == ""
    assert journey.find_channel_shift(_channels(0.5, np.nan, np.nan), month="2026-10") == ""


def test_largest_channel_carries_its_interval():
    text = journey.read_channels(_channels(0.5, 0.2, 1.0), month="2026-10")
    assert text == (
        "100 accounts were opened in October 2026. The largest channel is “ads” with **50 %** of them "
        "(50 accounts; 95 % interval 41 % to 59 %)."
    )


def test_bots_are_weighed_against_people():
    kinds = pd.DataFrame(
        {"kind": ["people", "crawler"], "counted": [True, False], "events": [80, 20], "units": [9, 2],
         "value": [0.8, 0.2]}
    )  # fmt: skip
    text = journey.read_kinds(kinds, month="2026-10")
    assert text.startswith("**20 %** of the touchpoints") and "these 2 visitors would stand beside 9 people" in text
    nobody = kinds.assign(events=[80, 0], units=[9, 0], value=[1.0, 0.0])
    assert "no visitor of the portal was told to be a machine" in journey.read_kinds(nobody, month="2026-10")


def test_paths_are_read_from_counts_and_leave_rare_ones_alone():
    # From docs: 30 of 40 to sign-up, 10 end. "rare" always ends, but 3 steps say nothing.
    counts = pd.DataFrame(
        {"docs": [40, 0, 0], "sign-up": [0, 30, 0], "rare": [0, 0, 0], "(end)": [0, 10, 3]},
        index=["(start)", "docs", "rare"],
    )
    assert journey.read_paths(path_shares(counts), counts) == (
        "For **100 %** of the 40 accounts and visitors the month begins at “docs”. The surest step to another "
        "touchpoint is from “docs” to “sign-up”: **75 %** (30 of 40 times). The path most often ends after "
        "“docs”: **25 %** (10 of 40 times)."
    )
    few = counts.clip(upper=3)
    assert journey.read_paths(path_shares(few), few) == "There are too few steps to say what follows what."


def test_quality_counts_rows_by_what_became_of_them():
    table = pd.DataFrame({"severity": ["put aside", "left out", "put aside"], "rows": [2, 5, 1]})
    assert journey.read_quality(table) == (
        "**3** rows were put aside, 5 left out because they are no customers."
    )
    excluded = pd.concat([table, pd.DataFrame({"severity": ["excluded"], "rows": [7]})])
    assert journey.read_quality(excluded) == (
        "**3** rows were put aside, 5 left out because they are no customers. Rules of the workbook file exclude 7."
    )
    assert journey.read_quality(table.iloc[:0]) == "No row had to be put aside or left out."


def test_trend_of_a_month_before_the_first_event_is_not_zero():
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "events": [np.nan, 9.0], "value": [np.nan, 4.0]})
    assert "was not yet seen in September 2026" in journey.read_trend_month(table, "docs", month="2026-09")
    assert "**4** accounts and visitors were at “docs”, 9 times" in journey.read_trend_month(
        table, "docs", month="2026-10"
    )


@pytest.mark.parametrize(
    "read",
    [
        lambda note: journey.read_touchpoints(note, month="2026-10"),
        lambda note: journey.read_kinds(note, month="2026-10"),
        lambda note: journey.read_paths(note, note),
        lambda note: journey.find_channel_shift(note, month="2026-10"),
        lambda note: journey.read_trend_month(note, "docs", month="2026-10"),
    ],
)
def test_what_cannot_be_measured_is_handed_on(read):
    note = NotMeasurable("The journey", "add touchpoints.")
    assert read(note) is note
