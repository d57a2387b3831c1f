"""The planted stories are in the simulated behaviour at their true sizes, and absent in the null company.

Everything is measured here from the tables, by plain pandas, apart from the library's own metrics.
"""

import re

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from apijourney.simulate.calendar import Span
from apijourney.simulate.simulation import run
from apijourney.simulate.stories import Stories
from apijourney.simulate.truth import truth_of
from apijourney.workbook import SAMPLE

ZONE = "Europe/Berlin"


class Company:
    """A simulated company, with the few derived frames that several claims need."""

    def __init__(self, stories):
        self.run = run(7, stories=stories)
        self.truth = truth_of(self.run)
        t = self.run.tables
        self.calls = t["requests"].to_pandas().drop_duplicates("request_id")
        self.accounts = t["accounts"].to_pandas().set_index("account_id")
        self.touchpoints = t["touchpoints"].to_pandas()
        self.invoices = t["invoices"].to_pandas()
        made = self.accounts["created_at"].astype("int64")
        ends = Span(18).end - 15 * 86_400_000_000
        new = (made >= Span(18).start) & (made < ends) & ~self.accounts["is_internal"]
        self.new = self.accounts[new]
        self.activated = self._activated()
        known = self.calls.dropna(subset=["account_id"]).sort_values("occurred_at", kind="stable")
        self.first = known.drop_duplicates("account_id").set_index("account_id").reindex(self.new.index).dropna(subset=["status"])

    def _activated(self):
        good = self.calls[(self.calls["environment"] == "production") & self.calls["status"].between(200, 299)]
        good = good.merge(self.new[["created_at"]], left_on="account_id", right_index=True)
        day = good["occurred_at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
        origin = good["created_at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
        inside = (day - origin).dt.days < 14
        days = day[inside].groupby(good["account_id"][inside]).nunique()
        return (days.reindex(self.new.index).fillna(0) >= 2).rename("activated")

    def completed_quickstart(self):
        t = self.touchpoints
        links = self.run.tables["identities"].to_pandas().dropna(subset=["account_id"])
        owner = links.drop_duplicates("visitor_id").set_index("visitor_id")["account_id"]
        done = t.loc[t["touchpoint"] == "quickstart_completed", "visitor_id"].map(owner)
        return pd.Series(self.new.index.isin(done), index=self.new.index)

    def monthly_revenue(self):
        """Recurring cents, dollars as euros; months × accounts."""
        lines = self.invoices[self.invoices["kind"] != "one_off"]
        start, end = (pd.to_datetime(lines[c]).dt.to_period("M") for c in ("service_start", "service_end"))
        length = (end - start).map(lambda d: d.n)
        parts = [
            lines.assign(month=start + k, amount=lines["amount_minor"] / length)[length > k] for k in range(12)
        ]
        table = pd.concat(parts).pivot_table("amount", "month", "account_id", "sum")
        return table.loc[:"2026-10"].fillna(0)

    def monthly_share(self):
        revenue = self.monthly_revenue()
        return revenue.div(revenue.sum(axis=1), axis=0)


@pytest.fixture(scope="module")
def company():
    return Company(stories=True)


@pytest.fixture(scope="module")
def null_company():
    return Company(stories=False)


def log_odds_ratio(exposed, outcome):
    """Return the log odds ratio and its standard error, one half added to each cell."""
    a, b = (exposed & outcome).sum() + 0.5, (exposed & ~outcome).sum() + 0.5
    c, d = (~exposed & outcome).sum() + 0.5, (~exposed & ~outcome).sum() + 0.5
    return np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def on_bad_sdk(frame):
    return (frame["sdk"] == "python") & (frame["sdk_version"] == "2.3.0")


def first_call_failing(frame):
    return frame["status"] >= 400


def availability(calls):
    live = calls[(calls["environment"] == "production") & ~calls["status"].isin([401, 429])]
    month = live["occurred_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    return (live["status"] < 500).groupby(month).mean()


def test_bad_sdk_fails_the_first_call_at_its_true_share(company):
    truth = company.truth["bad_sdk_release"]
    bad = on_bad_sdk(company.first)
    for which, true in (
        (bad, truth["true_first_call_failing_share"]),
        (~bad, truth["true_first_call_failing_share_elsewhere"]),
    ):
        n = which.sum()
        share = first_call_failing(company.first[which]).mean()
        assert abs(share - true) < 2.6 * np.sqrt(true * (1 - true) / n)
    assert first_call_failing(company.first[bad]).mean() > 0.35


def test_bad_sdk_depresses_activation_of_those_who_start_on_it(company):
    # Among accounts that called. Those not activated call with one chance for all, so it cancels.
    callers = company.first.index[company.new.loc[company.first.index, "channel"] != "hackathon"]
    bad = on_bad_sdk(company.first.loc[callers])
    estimate, error = log_odds_ratio(bad, company.activated[callers])
    assert abs(estimate - np.log(Stories().bad_sdk_odds_ratio)) < 2.6 * error
    assert estimate < -2 * error


def test_activation_measured_from_calls_is_what_was_drawn(company, null_company):
    for c in (company, null_company):
        truth = c.truth["activation"]["all_sign_ups"]
        assert abs(c.activated.mean() - truth["share"]) < 0.01
        assert 0.35 < c.activated.mean() < 0.50


def test_quickstart_helps_by_its_true_odds_ratio(company, null_company):
    for c, true in ((company, Stories().quickstart_odds_ratio), (null_company, 1.0)):
        alike = c.new["channel"] != "hackathon"
        estimate, error = log_odds_ratio(c.completed_quickstart()[alike], c.activated[alike])
        assert abs(estimate - np.log(true)) < 2.6 * error
    estimate, error = log_odds_ratio(company.completed_quickstart(), company.activated)
    assert estimate > 2.6 * error


def test_quickstart_is_completed_by_chance_and_nudge_alone(company):
    done = company.completed_quickstart()
    for exposed in (company.new["channel"] == "hackathon", company.new["segment"] == "startup"):
        estimate, error = log_odds_ratio(exposed, done)
        assert abs(estimate) < 3 * error


def test_dead_channel_signs_up_as_others_do_and_almost_never_activates(company):
    dead = company.new["channel"] == "hackathon"
    assert dead.sum() > 80
    assert company.activated[dead].mean() < 0.10
    assert company.activated[~dead].mean() > 0.40


def test_outage_month_stands_out(company):
    by_month = availability(company.calls)
    assert by_month["2026-02"] < 0.99
    assert by_month.drop("2026-02").min() > 0.998


def test_whale_holds_its_true_share_and_hides_that_the_others_shrink(company):
    shares = company.monthly_share()
    whale = company.truth["whale"]["account"]
    assert shares.loc["2026-10", whale] == pytest.approx(0.25, abs=0.01)
    assert shares.loc["2025-05", whale] < 0.15
    assert shares.drop(columns=whale).loc["2026-10"].max() < 0.05
    revenue = company.monthly_revenue()
    kept = revenue.loc[["2025-10", "2026-10"], revenue.loc["2025-10"] > 0]
    others = kept.drop(columns=whale)
    assert kept.loc["2026-10"].sum() > kept.loc["2025-10"].sum()
    assert others.loc["2026-10"].sum() < 0.9 * others.loc["2025-10"].sum()
    assert (others.loc["2026-10"] < others.loc["2025-10"]).mean() > 0.5


def test_old_version_is_still_called_by_some_large_accounts(company):
    last = company.calls[company.calls["occurred_at"] >= "2026-10-01"].dropna(subset=["account_id"])
    old = last[last["api_version"] == "v1"].groupby("account_id").size()
    assert 0.02 < old.sum() / len(last) < 0.5
    assert old.max() > 300


def test_null_company_has_no_bad_sdk(null_company):
    bad = on_bad_sdk(null_company.first)
    assert bad.sum() > 20
    failing = first_call_failing(null_company.first)
    estimate, error = log_odds_ratio(bad, failing)
    assert abs(estimate) < 2.6 * error
    releases = null_company.truth["bad_sdk_release"]
    assert releases["true_odds_ratio_of_activation"] == 1.0


def test_null_company_has_alike_channels(null_company):
    # Chi-square over seven channels: 99.9 % of 6 degrees of freedom lie below 22.5.
    table = pd.crosstab(null_company.new["channel"], null_company.activated)
    expected = np.outer(table.sum(axis=1), table.sum()) / table.to_numpy().sum()
    assert ((table - expected) ** 2 / expected).to_numpy().sum() < 22.5


def test_null_company_has_no_outage_no_whale_no_announcement(null_company):
    by_month = availability(null_company.calls)
    assert by_month.min() > 0.9975 and by_month.max() < 0.9998
    assert len(null_company.run.tables["incidents"]) == 0
    assert null_company.monthly_share().max().max() < 0.05
    kinds = null_company.run.tables["annotations"].column("kind").to_pylist()
    assert not {"incident", "announcement"} & set(kinds)


def test_bots_test_keys_and_the_quiet_season_are_in_both_companies(company, null_company):
    for c in (company, null_company):
        agents = c.touchpoints["properties"].str.extract(r'"agent":"(\w+)"')[0].value_counts()
        assert set(agents.index) == {"browser", "crawler", "monitor", "ai_agent"}
        assert agents["browser"] > 0.7 * len(c.touchpoints)
        tested = c.calls["key_id"].str.startswith("test_", na=False)
        assert 0.005 < tested.mean() < 0.15
        assert c.accounts["is_internal"].sum() == 12
        day = c.calls["occurred_at"].dt.tz_convert(ZONE)
        daily = day.dt.date.value_counts().sort_index()
        dip = daily[pd.Timestamp("2025-12-22").date() : pd.Timestamp("2025-12-31").date()].mean()
        usual = daily[pd.Timestamp("2025-12-01").date() : pd.Timestamp("2025-12-19").date()].mean()
        assert dip < 0.7 * usual
        weekday = day.dt.day_of_week.value_counts()
        assert weekday[6] < 0.6 * weekday[2]


def test_sample_folder_holds_this_company_and_its_readme_counts_it(company):
    readme = (SAMPLE.parent / "README.md").read_text(encoding="utf-8")
    assert "simulated" in readme.splitlines()[0]
    for name, table in company.run.tables.items():
        assert pq.read_table(SAMPLE.parent / f"{name}.parquet").equals(table), f"{name}: run make sample"
        assert re.search(rf"^\| `{name}` \|.*\| {len(table):,} \|$", readme, re.M), f"{name}: count in README"
    assert YAML(typ="safe").load((SAMPLE.parent / "truth.yaml").read_text()) == company.truth
    assert sum(f.stat().st_size for f in SAMPLE.parent.glob("*.parquet")) < 16e6


def test_visitors_sign_up_at_a_realistic_rate(company):
    people = company.touchpoints[company.touchpoints["properties"].str.contains('"browser"')]
    signed = people.loc[people["touchpoint"] == "sign_up", "visitor_id"].nunique()
    assert 0.06 < signed / people["visitor_id"].nunique() < 0.10
