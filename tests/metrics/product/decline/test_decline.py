"""Decline: weeks one can count, the tail counted out by hand, and chance that must not be named."""

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.decline.decline import decline_of_weeks, declining_accounts, weekly_use

BOOK = "timezone: UTC\nobserved_from: 2026-01-01\n"


def weeks_of(**accounts: list[int]) -> pd.DataFrame:
    """Each account's calls by week, the last week first."""
    return pd.DataFrame({a: counts for a, counts in accounts.items()}).T


def decline(blocks: int = 2, **accounts: list[int]) -> pd.DataFrame:
    weeks = weeks_of(**accounts)
    return decline_of_weeks(weeks, pd.Series(blocks, index=weeks.index)).set_index("account_id")


def test_the_last_four_weeks_are_held_against_the_mean_of_the_blocks_before():
    table = decline(fell=[5, 5, 5, 5] + [10] * 8, grew=[20] * 4 + [10] * 8)
    assert table["before_calls"].to_dict() == {"fell": 40, "grew": 40}
    assert table["calls"].to_dict() == {"fell": 20, "grew": 80}
    assert table["change_share"].to_dict() == {"fell": -0.5, "grew": 1.0}
    assert table["declining"].to_dict() == {"fell": True, "grew": False}


def test_a_fall_of_less_than_a_quarter_is_not_named_however_sure():
    # 8,000 after 10,000 in 28 days is far beyond chance, but a fifth only
    table = decline(large=[2000] * 4 + [2500] * 8, halved=[1250] * 4 + [2500] * 8)
    assert table.loc["large", "q"] < 1e-6 and not table.loc["large", "declining"]
    assert table.loc["halved", "declining"]


def test_a_fall_within_the_accounts_own_noise_is_not_named():
    # both fell from 160 to 80; one of them has had such weeks all along
    table = decline(quiet=[20] * 4 + [40] * 8, noisy=[20] * 4 + [5, 90, 10, 80, 0, 100, 15, 20])
    assert table["change_share"].to_dict() == {"quiet": -0.5, "noisy": -0.5}
    assert table.loc["noisy", "p"] > 0.1 and not table.loc["noisy", "declining"]


def test_a_quiet_history_is_not_trusted_beyond_that_of_the_middle_account():
    # weeks of 10 exactly look noiseless by chance: with noisy neighbours, the same fall is less sure
    alone = decline(a=[6] * 4 + [10] * 8)
    others = {f"b{i}": [10] * 4 + [2, 18, 2, 18, 2, 18, 2, 18] for i in range(3)}
    among = decline(a=[6] * 4 + [10] * 8, **others)
    assert alone.loc["a", "noise"] == 0
    # mean 10, variance 8 × 8² / 7 = 73.14: (73.14 − 10) / 10² = 0.631
    assert among.loc["a", "noise"] == pytest.approx(0.6314, abs=1e-4)
    assert among.loc["a", "p"] > alone.loc["a", "p"]


def test_only_the_blocks_that_count_are_compared_with():
    older = [100] * 4
    assert decline(2, a=[10] * 12 + older).loc["a", "before_calls"] == 40
    assert decline(3, a=[10] * 12 + older).loc["a", "before_calls"] == (40 + 40 + 400) / 3


def test_where_there_were_no_calls_before_nothing_is_known():
    row = decline(back=[3, 0, 0, 0] + [0] * 8).loc["back"]
    assert row[["change_share", "p", "q"]].isna().all() and not row["declining"]


@given(st.lists(st.integers(0, 30), min_size=12, max_size=12).filter(lambda c: sum(c[4:]) > 0))
def test_p_is_the_lower_tail_of_the_negative_binomial_summed_term_by_term(counts):
    row = decline(a=counts).loc["a"]
    before = counts[4:]
    mean = sum(before) / 8
    spread = sum((c - mean) ** 2 for c in before) / 7
    noise = max((spread - mean) / mean**2, 0)
    expected, variance = 4 * mean, (4 + 16 / 8) * (mean + noise * mean**2)
    size, chance = expected**2 / (variance - expected), expected / variance
    tail = sum(
        math.exp(
            math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1)
            + size * math.log(chance) + k * math.log1p(-chance)
        )
        for k in range(sum(counts[:4]) + 1)
    )  # fmt: skip
    assert row["p"] == pytest.approx(tail, rel=1e-6, abs=1e-12)


def null_weeks(rng, accounts: int, uneven: float = 0.5) -> pd.DataFrame:
    """Accounts of all sizes and tempers whose rate never changes: 16 weeks of gamma-Poisson counts."""
    mean = np.exp(rng.normal(2.5, 1.2, accounts))[:, None]
    temper = 0.15 * np.exp(uneven * rng.normal(0, 1, accounts))[:, None]
    counts = rng.poisson(mean * rng.gamma(1 / temper, temper, (accounts, 16)))
    return pd.DataFrame(counts, index=[f"a{i}" for i in range(accounts)])


@pytest.mark.parametrize("blocks", [2, 3])
def test_where_nobody_declines_somebody_is_named_in_at_most_one_company_in_twenty(blocks):
    # The rule promises 5 %; 100 companies: at 5 % more than 10 would be seen once in a hundred times
    rng = np.random.default_rng(7)
    named = 0
    for _ in range(100):
        weeks = null_weeks(rng, 200)
        named += decline_of_weeks(weeks, pd.Series(blocks, index=weeks.index))["declining"].any()
    assert named <= 10


def test_most_accounts_that_lose_three_quarters_of_their_calls_are_found_and_few_others():
    rng = np.random.default_rng(3)
    weeks = null_weeks(rng, 200)
    fallen = weeks.index[weeks[range(4, 16)].mean(axis=1) >= 10][:20]
    weeks.loc[fallen, range(4)] = rng.binomial(weeks.loc[fallen, range(4)], 0.25)
    table = decline_of_weeks(weeks, pd.Series(3, index=weeks.index))
    named = set(table.loc[table["declining"], "account_id"])
    assert len(named & set(fallen)) >= 10 and len(named - set(fallen)) <= 2


def calls_of(*spans: tuple) -> str:
    """Each span is (account, first day, last day, calls a day, status, environment); at noon, UTC."""
    lines, number = ["request_id,occurred_at,account_id,endpoint,status,environment"], 0
    for account, first, last, a_day, status, environment in spans:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            for _ in range(a_day):
                number += 1
                lines.append(f"{number},{day}T12:00:00,{account},/x,{status},{environment}")
            day += timedelta(days=1)
    return "\n".join(lines) + "\n"


def test_whom_a_study_watches_and_what_it_counts(company):
    # June 3 to 30 are the last 28 days; the blocks before begin on May 6, April 8 and March 11
    live = (200, "production")
    calls = calls_of(
        ("steady", "2026-03-11", "2026-06-30", 2, *live),
        ("fell", "2026-04-08", "2026-06-02", 4, *live), ("fell", "2026-06-03", "2026-06-30", 1, *live),
        ("failing", "2026-04-08", "2026-06-02", 4, *live), ("failing", "2026-06-03", "2026-06-30", 4, 500, "production"),
        ("testing", "2026-04-08", "2026-06-02", 4, *live), ("testing", "2026-06-03", "2026-06-30", 4, 200, "sandbox"),
        ("closed", "2026-04-08", "2026-06-02", 4, *live),
        ("gone", "2026-03-11", "2026-05-05", 4, *live),
        ("young", "2026-04-09", "2026-06-02", 4, *live),
    )  # fmt: skip
    names = ("steady", "fell", "failing", "testing", "closed", "gone", "young")
    accounts = "account_id,created_at,closed_at\n" + "".join(
        f"{n},2026-01-05T00:00:00,{'2026-06-20T00:00:00' if n == 'closed' else ''}\n" for n in names
    )
    study = open_study(company({"requests.csv": calls, "accounts.csv": accounts}, BOOK), month="2026-06")
    table = declining_accounts(study).set_index("account_id")
    assert table[["blocks", "before_calls", "calls"]].to_dict("index") == {
        "steady": {"blocks": 3, "before_calls": 56, "calls": 56},
        "fell": {"blocks": 2, "before_calls": 112, "calls": 28},
        "failing": {"blocks": 2, "before_calls": 112, "calls": 0},
        "testing": {"blocks": 2, "before_calls": 112, "calls": 0},
    }
    assert set(table.index[table["declining"]]) == {"fell", "failing", "testing"}


def test_nobody_followed_long_enough_is_said_with_what_to_do(company):
    calls = calls_of(("a", "2026-01-01", "2026-01-31", 1, 200, "production"))
    answer = declining_accounts(open_study(company({"requests.csv": calls}, BOOK), month="2026-01"))
    assert isinstance(answer, NotMeasurable)
    assert "no account has made successful production calls for 84 days up to 2026-02-01" in answer.reason


def test_shuffled_weeks_of_the_company_without_stories_are_named_at_the_nominal_rate(null_company):
    # Its accounts really come and go, so the weeks of each are shuffled: then nobody declines, and the
    # counts still are what its accounts are like. 100 shuffles at 5 %: more than 10 once in a hundred times
    weeks, blocks = weekly_use(open_study(null_company, month="2026-10"))
    followed = weeks[blocks == 3]
    assert len(followed) >= 20
    rng = np.random.default_rng(5)
    named = 0
    for _ in range(100):
        shuffled = pd.DataFrame(rng.permuted(followed.to_numpy(), axis=1), index=followed.index)
        named += decline_of_weeks(shuffled, pd.Series(3, index=followed.index))["declining"].any()
    assert named <= 10
