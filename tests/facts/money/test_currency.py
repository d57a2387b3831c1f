"""Is every line converted alone, exactly, at the rate of its own day?"""

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.facts.money.currency import MINOR_DIGITS, to_reporting_currency


def lines(*rows):
    table = pd.DataFrame(rows, columns=["issued_at", "amount_minor", "currency"])
    return table.assign(issued_at=pd.to_datetime(table["issued_at"]))


def rates(*rows):
    return pd.DataFrame(rows, columns=["date", "currency", "rate"])


def converted(table, fx, currency="EUR", **options):
    return to_reporting_currency(table, fx, currency=currency, **options)["reporting_minor"].tolist()


def test_each_line_takes_the_rate_of_its_own_day():
    # 10.00 USD × 0.90 = 9.00 EUR; the next day 10.00 USD × 0.95 = 9.50 EUR; EUR stays as it is.
    table = lines(("2026-10-01", 1000, "USD"), ("2026-10-02", 1000, "USD"), ("2026-10-02", 1000, "EUR"))
    fx = rates(("2026-10-01", "USD", 0.90), ("2026-10-02", "USD", 0.95))
    assert converted(table, fx) == [900, 950, 1000]


def test_halves_round_to_the_even_cent_and_credits_like_their_lines():
    # 0.01 × 0.5 = half a cent → 0; 0.03 × 0.5 = 1.5 → 2; 0.05 × 0.5 = 2.5 → 2; minus the same.
    table = lines(*[("2026-10-01", a, "USD") for a in (1, 3, 5, -1, -3, -5)])
    assert converted(table, rates(("2026-10-01", "USD", "0.5"))) == [0, 2, 2, 0, -2, -2]


def test_minor_digits_of_both_currencies_count():
    # 1500 JPY (no decimals) × 0.006 = 9.00 EUR = 900 cents.
    # 1.234 KWD (three decimals, 1234 minor) × 3 = 3.702 EUR = 370 cents.
    table = lines(("2026-10-01", 1500, "JPY"), ("2026-10-01", 1234, "KWD"))
    fx = rates(("2026-10-01", "JPY", "0.006"), ("2026-10-01", "KWD", "3"))
    assert converted(table, fx) == [900, 370]
    # 9.00 EUR × 160 = 1440 JPY = 1440 minor.
    back = rates(("2026-10-01", "EUR", 160))
    assert converted(lines(("2026-10-01", 900, "EUR")), back, currency="JPY") == [1440]


def test_a_rate_written_as_a_float_is_the_decimal_it_shows():
    # 100 × 1.005 is 100.49999999999999 in floats; the rate on paper makes 100.5 → 100 (even),
    # and 300 × 1.005 = 301.5 → 302.
    table = lines(("2026-10-01", 100, "USD"), ("2026-10-01", 300, "USD"))
    assert converted(table, rates(("2026-10-01", "USD", 1.005))) == [100, 302]


def test_large_amounts_keep_every_cent():
    # 2^53 + 1 is the first whole number a float cannot hold.
    assert converted(lines(("2026-10-01", 2**53 + 1, "USD")), rates(("2026-10-01", "USD", "1"))) == [2**53 + 1]


def test_the_day_of_issue_is_the_local_day():
    # 22:30 UTC on 30 September is 00:30 on 1 October in Berlin.
    table = lines(("2026-09-30T22:30", 1000, "USD"))
    fx = rates(("2026-09-30", "USD", "0.5"), ("2026-10-01", "USD", "0.9"))
    assert converted(table, fx) == [500]
    assert converted(table, fx, timezone="Europe/Berlin") == [900]


def test_no_rates_are_needed_without_foreign_lines():
    assert converted(lines(("2026-10-01", 5, "EUR")), None) == [5]


def test_common_currencies_have_their_digits():
    assert {c: MINOR_DIGITS[c] for c in ("EUR", "USD", "JPY", "KWD", "CLF")} == {
        "EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4,
    }  # fmt: skip
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)


@pytest.mark.parametrize(
    ("table", "fx", "sentence"),
    [
        (
            lines(("2026-10-02", 1, "USD"), ("2026-10-01", 1, "USD"), ("2026-10-01", 1, "GBP")),
            rates(("2026-10-01", "GBP", 1)),
            'fx_rates: rates into EUR are missing: USD on 2 days of 2026-10; add a line for each, such as "2026-10-01,USD,1.25" '
            "where one USD was worth 1.25 EUR that day.",
        ),
        (
            lines(("2026-10-01", 1, "EURO")),
            None,
            'to_reporting_currency(lines): "EURO" is not a currency of ISO 4217; write three capital '
            "letters, such as EUR.",
        ),
        (
            lines(("2026-10-01", 1, "USD")),
            rates(("2026-10-01", "USD", 0)),
            "fx_rates: USD on 2026-10-01 has the rate 0; a rate is a positive number.",
        ),
        (
            lines(("2026-10-01", 1, "USD")),
            rates(("2026-10-01", "USD", "0.9"), ("2026-10-01", "USD", "0.8")),
            "fx_rates: USD on 2026-10-01 has two rates, 0.9 and 0.8; keep one.",
        ),
        (
            lines(("2026-10-01", 1.5, "USD")),
            rates(("2026-10-01", "USD", 1)),
            'to_reporting_currency(lines): "amount_minor" must be whole minor units (cents) without nulls, '
            "found float64; convert it where the table is read.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(table, fx, sentence):
    with pytest.raises(WorkbookError) as error:
        converted(table, fx)
    assert str(error.value) == sentence


@given(
    amounts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6),
    rate=st.integers(1, 10**7),
    source=st.sampled_from(["USD", "JPY", "KWD"]),
    target=st.sampled_from(["EUR", "KRW", "BHD"]),
)
def test_conversion_equals_exact_fractions(amounts, rate, source, target):
    # Python rounds a Fraction half to even; the rate has five decimals.
    table = lines(*[("2026-10-01", a, source) for a in amounts])
    text = f"{rate // 10**5}.{rate % 10**5:05d}"
    factor = Fraction(rate, 10**5) * Fraction(10) ** (MINOR_DIGITS[target] - MINOR_DIGITS[source])
    assert converted(table, rates(("2026-10-01", source, text)), currency=target) == [
        round(a * factor) for a in amounts
    ]
