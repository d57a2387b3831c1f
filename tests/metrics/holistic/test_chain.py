"""The chain: planted links are found, links by confounding alone are not claimed, families are named."""

import shutil

import numpy as np
import pandas as pd
import pytest

from apijourney import open_study
from apijourney.metrics.holistic.chain import OUTCOMES, SIGNALS, chain, links
from apijourney.metrics.uncertainty import benjamini_hochberg
from apijourney.readings.holistic import read_chain
from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE


def drawn(seed, *, n=400, harm=0.0, by_volume=0.0):
    """Accounts whose rejected calls harm staying, or whose volume drives both; the other signals do nothing."""
    rng = np.random.default_rng(seed)
    calls = rng.lognormal(2, 1, n)
    large = np.log(calls) > 2
    errors = rng.random(n) * np.where(large & (by_volume > 0), 2.4, 1.0)
    kept = (rng.random(n) < 0.4 + by_volume * large - harm * (errors > np.median(errors))).astype(float)
    return pd.DataFrame({
        "week_error_share": errors, "week_server_error_share": 0.0, "week_median_latency_ms": rng.lognormal(4, 0.4, n),
        "kept": kept, "segment": rng.choice(["startup", "enterprise"], n), "channel": "docs", "month": rng.choice(["2026-01", "2026-02"], n),
        "log_calls": np.where(large, 3.0, 1.0), "in_production": "yes", "log_production_calls": 1.0,
    })  # fmt: skip


def one(table, signal):
    return table[table["signal"] == signal].iloc[0]


SIGNAL_NAMES = ("week_error_share", "week_server_error_share", "week_median_latency_ms")


def test_worse_is_above_the_median_and_the_groups_are_counted():
    table = links(drawn(1, n=101), signals=SIGNAL_NAMES, outcomes=("kept",))
    row = one(table, "week_error_share")
    assert (row["n"], row["exposed"]) == (101, 50)
    assert one(table, "week_server_error_share")["note"] == "too few to say"  # nobody is above a median of 0


def test_a_planted_harm_is_found_and_a_signal_that_does_nothing_is_not():
    found = [links(drawn(s, harm=0.25), signals=SIGNAL_NAMES, outcomes=("kept",)) for s in range(20)]
    assert np.mean([one(t, "week_error_share")["adjusted"] for t in found]) == pytest.approx(-0.25, abs=0.04)
    assert sum(one(t, "week_error_share")["q"] < 0.05 for t in found) >= 18
    assert sum(one(t, "week_median_latency_ms")["q"] < 0.05 for t in found) <= 4


def test_what_volume_does_to_both_is_not_claimed_for_the_errors():
    found = [links(drawn(s, by_volume=0.35), signals=SIGNAL_NAMES[:1], outcomes=("kept",)).iloc[0] for s in range(30)]
    assert np.mean([r["crude"] for r in found]) > 0.08
    assert np.mean([r["adjusted"] for r in found]) == pytest.approx(0, abs=0.03)
    assert sum(r["p"] < 0.05 for r in found) <= 5  # 1.5 expected of 30


def test_what_being_in_production_does_to_both_is_not_claimed_for_the_errors():
    def live(seed):
        rng = np.random.default_rng(seed)
        accounts = drawn(seed)
        production = rng.random(len(accounts)) < 0.5  # few of its calls are rejected, and it stays more often
        return accounts.assign(
            week_error_share=rng.random(len(accounts)) * np.where(production, 0.5, 1.0),
            kept=(rng.random(len(accounts)) < np.where(production, 0.7, 0.3)).astype(float),
            in_production=np.where(production, "yes", "no"), log_production_calls=np.where(production, 2.0, 0.0),
        )  # fmt: skip

    found = [links(live(s), signals=SIGNAL_NAMES[:1], outcomes=("kept",)).iloc[0] for s in range(30)]
    assert np.mean([r["crude"] for r in found]) < -0.1
    assert np.mean([r["adjusted"] for r in found]) == pytest.approx(0, abs=0.03)
    assert sum(r["p"] < 0.05 for r in found) <= 5  # 1.5 expected of 30


@pytest.mark.parametrize("seed", [5, 12])
def test_of_a_company_without_stories_no_link_is_said_to_be_beyond_chance(tmp_path, seed):
    write_sample(tmp_path / "null", seed=seed, scale=0.25, stories=False)
    shutil.copy(SAMPLE, tmp_path / "null" / "workbook.yaml")
    table = chain(open_study(tmp_path / "null", month="2026-10"))
    assert table["q"].notna().sum() >= 8 and not (table["q"] < 0.05).any()
    said = read_chain(table, signals=SIGNALS, outcomes=OUTCOMES, currency="EUR")
    assert said.startswith("None of the 8 links that can be judged is beyond chance once all of them are allowed for.")


def test_the_family_of_q_is_all_links_that_can_be_judged():
    table = links(drawn(3), signals=SIGNAL_NAMES, outcomes=("kept",))
    np.testing.assert_allclose(table["q"], benjamini_hochberg(table["p"].to_numpy(float)))
    assert table["q"].isna().sum() == table["p"].isna().sum() == 1


def test_an_account_whose_window_is_open_leaves_that_link_only():
    accounts = drawn(4).assign(paying=lambda t: t["kept"].where(np.arange(len(t)) >= 100))
    table = links(accounts, signals=SIGNAL_NAMES[:1], outcomes=("kept", "paying")).set_index("outcome")
    assert table["n"].to_dict() == {"kept": 400, "paying": 300}


def test_a_company_s_chain_has_every_signal_and_outcome(small_study):
    table = chain(small_study)
    assert list(zip(table["signal"], table["outcome"], strict=True)) == [(s, o) for s in SIGNALS for o in OUTCOMES]
    told = table["note"].eq("")
    assert table.loc[told, ["adjusted", "low", "high", "p"]].notna().all(axis=None)
    assert table.loc[~told, "p"].isna().all()
