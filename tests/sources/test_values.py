"""Single values: money without floats, instants without guesses, ids without decimals."""

from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.sources.engine import connect
from apijourney.sources.values import as_text, plain_number, to_minor_units, typed


@pytest.fixture(scope="module")
def engine():
    return connect()


def read(engine, values, function, *args, dtype=None):
    table = ibis.memtable(pd.DataFrame({"n": range(len(values)), "v": pd.Series(values, dtype=dtype)}))
    rows = engine.to_pyarrow(table.mutate(out=function(table.v, *args)).order_by("n"))
    return rows["out"].to_pylist()


def minor(engine, values, currency="EUR", dtype="str"):
    return read(engine, values, to_minor_units, ibis.literal(currency), dtype=dtype)


def test_money_text_becomes_minor_units_exactly(engine):
    # 1.15 and 4.35 are the classic floats that fall one cent short: 1.15 * 100 = 114.99999999999999
    assert minor(engine, ["11.77", "1.15", "4.35", "-0.01", "0", "7", "90071992547409.93"]) == [
        1177, 115, 435, -1, 0, 700, 9007199254740993,
    ]  # fmt: skip


def test_a_source_that_kept_money_as_floats_is_rounded_to_what_it_meant(engine):
    assert minor(engine, [0.1 + 0.2, 1.15, 19.99, 1e3], dtype="float64") == [30, 115, 1999, 100_000]


def test_parts_of_a_minor_unit_are_not_money(engine):
    assert minor(engine, ["11.775", "free", "1,000.00", "", "nan"]) == [None] * 5


def test_each_currency_has_its_own_minor_unit(engine):
    assert minor(engine, ["1177", "1177.5"], "JPY") == [1177, None]
    assert minor(engine, ["1.234", "1.2345"], "KWD") == [1234, None]
    assert minor(engine, ["11.77"], "eur") == [1177]
    assert minor(engine, ["500"], "jpy") == [500]


def test_an_amount_beyond_64_bits_is_no_value_and_no_crash(engine):
    assert minor(engine, ["99999999999999999999", "1e40"]) == [None, None]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-(10**15), 10**15), st.sampled_from([0, 1, 2])), min_size=1, max_size=30))
def test_any_amount_survives_being_written_as_text(engine, amounts):
    texts = [str(Decimal(minor) / 100 if digits else Decimal(minor // 100)) for minor, digits in amounts]
    expected = [minor if digits else minor // 100 * 100 for minor, digits in amounts]
    assert minor(engine, texts) == expected


def test_a_whole_number_is_whole(engine):
    assert read(engine, ["200", "200.0", "11.77", "x"], typed, "integer", dtype="str") == [200, 200, None, None]
    assert read(engine, [200.0, np.nan, 11.77], typed, "integer") == [200, None, None]


def test_not_a_number_is_no_value(engine):
    assert read(engine, [1.5, np.nan, np.inf], typed, "number") == [1.5, None, None]
    assert read(engine, [1.5, np.nan], as_text) == ["1.5", None]  # and nothing the gate would complain of
    assert read(engine, ["1.5", "fast"], typed, "number", dtype="str") == [1.5, None]


def test_an_id_kept_as_a_float_is_the_same_id(engine):
    assert read(engine, [12.0, np.nan, 7.0], typed, "string") == ["12", None, "7"]


def test_an_offset_is_honoured_and_no_offset_is_utc(engine):
    texts = ["2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z", "2026-03-29 01:30:00", "2026-03-29", "soon"]
    half_past_one = pd.Timestamp("2026-03-29 01:30").to_pydatetime()
    midnight = pd.Timestamp("2026-03-29").to_pydatetime()
    assert read(engine, texts, typed, "instant", dtype="str") == [half_past_one] * 3 + [midnight, None]
    aware = pd.to_datetime(["2026-03-29T03:30:00+02:00"]).tz_convert("Europe/Berlin")
    for source in (pd.Series(aware), pd.Series(aware.tz_convert("UTC").tz_localize(None)).astype("datetime64[ns]")):
        assert read(engine, source, typed, "instant") == [half_past_one]


def test_a_number_is_not_taken_for_an_instant(engine):
    assert read(engine, [1767225600], typed, "instant") == [None]
    assert read(engine, [20260101], typed, "date") == [None]


def test_a_written_format_is_followed(engine):
    day = pd.Timestamp("1997-01-31").to_pydatetime()
    assert read(engine, ["19970131", "1997-01-31"], typed, "instant", "%Y%m%d", dtype="str") == [day, None]
    assert read(engine, [19970131], typed, "date", "%Y%m%d") == [day.date()]
    zoned = read(engine, ["10/Oct/2000:13:55:36 -0700"], typed, "instant", "%d/%b/%Y:%H:%M:%S %z", dtype="str")
    assert zoned == [pd.Timestamp("2000-10-10 20:55:36").to_pydatetime()]


def at(text: str):
    return pd.Timestamp(text).to_pydatetime()


def test_a_month_may_be_written_in_its_own_way(engine):
    assert read(engine, ["10/2026", "13/2026"], typed, "month", "%m/%Y", dtype="str") == ["2026-10", None]


def test_instants_may_be_numbers_where_that_is_said(engine):
    # 1768046400 s = 2026-01-10 12:00 UTC; a spreadsheet counts 46032 days from 1899-12-30 to 2026-01-10
    noon = at("2026-01-10 12:00")
    assert read(engine, ["1768046400", "1768046400.5", "soon", "1e300"], typed, "instant", "unix", dtype="str") == [
        noon, at("2026-01-10 12:00:00.5"), None, None,
    ]  # fmt: skip
    assert read(engine, [1768046400123], typed, "instant", "unix_ms") == [at("2026-01-10 12:00:00.123")]
    assert read(engine, [46032.5, 46032], typed, "instant", "excel") == [noon, at("2026-01-10")]
    assert read(engine, [46032.5], typed, "date", "excel") == [noon.date()]


def test_a_clock_without_a_zone_is_of_the_zone_that_was_said(engine):
    texts = ["2026-01-10 12:00:00", "2026-01-10T12:00:00Z", "2026-01-10T12:00:00+05:30", "2026-01-10 12:00 Europe/Berlin", "2026-01-10"]
    assert read(engine, texts, typed, "instant", "", "America/New_York", dtype="str") == [
        at("2026-01-10 17:00"), at("2026-01-10 12:00"), at("2026-01-10 06:30"), at("2026-01-10 11:00"), at("2026-01-10 05:00"),
    ]  # fmt: skip
    written = read(engine, ["10.01.2026 12:00"], typed, "instant", "%d.%m.%Y %H:%M", "Europe/Berlin", dtype="str")
    assert written == [at("2026-01-10 11:00")]
    naive = pd.to_datetime(["2026-07-10 12:00"])
    assert read(engine, naive, typed, "instant", "", "Europe/Berlin") == [at("2026-07-10 10:00")]
    zoned = naive.tz_localize("UTC")
    assert read(engine, zoned, typed, "instant", "", "Europe/Berlin") == [at("2026-07-10 12:00")]
    assert read(engine, [46032.5], typed, "instant", "excel", "Europe/Berlin") == [at("2026-01-10 11:00")]
    assert read(engine, [1768046400], typed, "instant", "unix", "Europe/Berlin") == [at("2026-01-10 12:00")]


def test_an_hour_shown_twice_is_the_later_one_and_one_never_shown_the_hour_after(engine):
    twice_and_never = ["2026-10-25 02:30:00", "2026-03-29 02:30:00"]
    assert read(engine, twice_and_never, typed, "instant", "", "Europe/Berlin", dtype="str") == [
        at("2026-10-25 01:30"), at("2026-03-29 01:30"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("decimal", "texts", "numbers"),
    [
        (",", ["1.234,50", "-0,5", "12", "1.234.567", "1 234,5", "1\u00a0234,5", "1'234,5"],
         ["1234.50", "-0.5", "12", "1234567", "1234.5", "1234.5", "1234.5"]),
        (",", ["1.23", "12,34,56", "1.2345,0", "€12", "", "1,234.5"], [None] * 6),
        (".", ["1,234.50", "1,234", "12.5", "1,2", "1.234,5"], ["1234.50", "1234", "12.5", None, None]),
    ],
)  # fmt: skip
def test_thousands_are_set_apart_by_what_is_no_decimal_sign(engine, decimal, texts, numbers):
    assert read(engine, texts, plain_number, decimal, dtype="str") == numbers


def test_a_decimal_keeps_every_digit(engine):
    assert read(engine, ["0.123456789012345678901", " 1.5 ", "0,9", "much"], typed, "decimal", dtype="str") == [
        "0.123456789012345678901", "1.5", None, None,
    ]  # fmt: skip


def test_a_nested_value_becomes_json(engine):
    assert read(engine, [{"agent": "crawler"}], typed, "string") == ['{"agent":"crawler"}']


def test_yes_and_no_are_booleans(engine):
    assert read(engine, ["true", "0", "maybe"], typed, "boolean", dtype="str") == [True, False, None]
