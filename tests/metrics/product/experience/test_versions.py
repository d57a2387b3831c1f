"""Versions: which are deprecated, who is on them, who is on the newest SDK."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.experience.version_metrics import accounts_on_deprecated, adoption, deprecation_radar
from apijourney.metrics.product.experience.versions import (
    accounts_on_newest,
    deprecated_versions,
    newest_versions,
    shares_by_version,
    version_key,
)

NO_RELEASES = pd.DataFrame({"released_at": pd.to_datetime([]), "version": [], "breaking": []})
NO_NOTES = pd.DataFrame({"date": pd.to_datetime([]), "text": []})


def releases(*rows) -> pd.DataFrame:
    """Each row is (instant, version, breaking)."""
    table = pd.DataFrame(rows, columns=["released_at", "version", "breaking"])
    return table.assign(released_at=pd.to_datetime(table["released_at"]))


def notes(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"date": pd.to_datetime(["2026-05-11"] * len(texts)), "text": texts})


def test_versions_are_ordered_by_their_numbers():
    assert sorted(["v10", "v9", "v1"], key=version_key) == ["v1", "v9", "v10"]


def test_a_breaking_release_of_a_used_version_deprecates_all_lower_ones():
    table = deprecated_versions(
        ["v1", "v2", "v3"], releases(("2025-07-07T10:00", "v2", True), ("2026-01-01T10:00", "v3", True)), NO_NOTES
    )
    assert table["api_version"].tolist() == ["v1", "v2"]
    assert table["successor"].tolist() == ["v3", "v3"]
    assert table["deprecated_since"].dt.strftime("%Y-%m-%d").tolist() == ["2025-07-07", "2026-01-01"]
    assert table["ends_on"].isna().all()


def test_a_release_that_breaks_nothing_or_that_nobody_calls_deprecates_nothing():
    found = releases(("2025-07-07T10:00", "v2", False), ("2025-07-07T10:00", "2025.07", True), ("2025-07-07T10:00", "v2", None))
    assert deprecated_versions(["v1", "v2"], found, NO_NOTES).empty


def test_the_day_of_a_release_is_local():
    table = deprecated_versions(["v1", "v2"], releases(("2025-07-06T22:30", "v2", True)), NO_NOTES, timezone="Europe/Berlin")
    assert table["successor_since"].iloc[0] == pd.Timestamp("2025-07-07")


@pytest.mark.parametrize("text", [
    "end of API v1 announced for 2026-12-01", "V1 will be switched off on 2026-12-01", "v1: sunset 2026-12-01", "we deprecate v1 (2026-12-01)",
])  # fmt: skip
def test_a_note_on_the_end_of_a_version_announces_it(text):
    table = deprecated_versions(["v1", "v2"], NO_RELEASES, notes(text))
    assert table["api_version"].tolist() == ["v1"]
    assert table["end_announced"].iloc[0] == pd.Timestamp("2026-05-11")
    assert table["ends_on"].iloc[0] == pd.Timestamp("2026-12-01")


@pytest.mark.parametrize("text", ["API v1 released", "end of v10", "end of v1.2", "the weekend of v1beta", "end of the year"])
def test_other_notes_announce_no_end_of_it(text):
    assert deprecated_versions(["v1"], NO_RELEASES, notes(text)).empty


def test_an_end_without_a_day_or_with_an_impossible_one_is_announced_but_not_dated():
    for text in ("end of v1", "end of v1 on 2026-02-31"):
        table = deprecated_versions(["v1"], NO_RELEASES, notes(text))
        assert len(table) == 1 and table["ends_on"].isna().all()


def use(*rows) -> pd.DataFrame:
    """Each row is (month, account, sdk, version)."""
    return pd.DataFrame(rows, columns=["month", "account_id", "sdk", "sdk_version"])


USE = use(
    ("2026-01", "a", "py", "1.9"), ("2026-01", "b", "py", "1.10"), ("2026-01", "b", "py", "1.9"),
    ("2026-02", "a", "py", "1.10"), ("2026-02", "a", "js", "3"), ("2026-02", "c", "js", "3"),
)  # fmt: skip


def test_shares_count_an_account_once_for_each_version_it_used():
    table = shares_by_version(USE[USE["sdk"] == "py"], ["2026-01", "2026-02", "2026-03"], version="sdk_version")
    found = table.set_index(["month", "version"])
    assert list(found.loc["2026-01"].index) == ["1.9", "1.10"]
    assert found["numerator"].tolist() == [2, 1, 0, 1, 0, 0]
    assert found.loc[("2026-01", "1.10"), "value"] == 1 / 2
    assert np.isnan(found.loc[("2026-03", "1.9"), "value"])


def test_the_newest_is_the_highest_called_or_released_by_the_end_of_the_month():
    out = releases(("2026-02-10T10:00", "py 1.11", False), ("2026-03-10T10:00", "py 2.0", False), ("2026-02-01T10:00", "portal", False))
    table = newest_versions(USE, out, ["2026-01", "2026-02"])
    assert table.to_numpy().tolist() == [["2026-01", "py", "1.10"], ["2026-02", "py", "1.11"]]  # js has one version


def test_an_account_is_on_the_newest_when_it_is_for_every_sdk_it_uses():
    newest = pd.DataFrame({"month": ["2026-02"] * 2, "sdk": ["py", "js"], "newest": ["1.10", "4"]})
    table = accounts_on_newest(USE, newest)
    assert table.to_numpy().tolist() == [["2026-02", "a", False], ["2026-02", "c", False]]
    early = accounts_on_newest(USE, pd.DataFrame({"month": ["2026-01"], "sdk": ["py"], "newest": ["1.10"]}))
    assert early["on_newest"].tolist() == [False, True]  # b used the old one, too, and has moved


CALLS = """request_id,occurred_at,account_id,status,environment,api_version
1,2026-03-01T10:00,a,200,production,v1
2,2026-03-02T10:00,a,200,production,v1
3,2026-03-03T10:00,a,200,production,v2
4,2026-03-04T10:00,b,200,production,v1
5,2026-03-05T10:00,c,200,production,v2
6,2026-03-06T10:00,d,500,production,v1
7,2026-03-31T10:00,e,200,sandbox,v1
"""
FILES = {
    "requests.csv": CALLS,
    "releases.csv": "version,released_at,breaking\nv2,2026-02-10T10:00Z,true\n",
    "annotations.csv": "date,text\n2026-03-10,end of API v1 announced for 2026-06-30\n",
    "accounts.csv": "account_id,created_at,owner\na,2026-01-01,Ada\nb,2026-01-01,\nc,2026-01-01,\nd,2026-01-01,\n",
    "invoices.csv": "account_id,issued_at,amount_minor,kind\na,2026-03-02,100,subscription\nb,2026-03-02,300,subscription\n",
}


@pytest.fixture
def study(company):
    return open_study(company(FILES, "timezone: UTC\nobserved_from: 2026-01-01\n"), month="2026-03")


def test_the_radar_counts_accounts_calls_and_money(study):
    (row,) = deprecation_radar(study).to_dict("records")
    assert (row["api_version"], row["successor"], row["deprecated_since"], row["ends_on"]) == ("v1", "v2", "2026-02-10", "2026-06-30")
    assert (row["accounts"], row["share"], row["calls"], row["mrr_minor"]) == (2, 2 / 3, 3, 400)
    assert row["days_left"] == 30 + 31 + 29  # from April 1


def test_the_radar_names_its_accounts_those_that_pay_most_first(study):
    table = accounts_on_deprecated(study)
    assert table["account_id"].tolist() == ["b", "a"]
    assert table["share_of_calls"].tolist() == [1, 2 / 3]
    assert table["last_call"].tolist() == ["2026-03-04", "2026-03-02"]
    assert table["owner"].fillna("").tolist() == ["", "Ada"]


def test_without_invoices_the_money_on_the_radar_is_unknown(company):
    files = {n: t for n, t in FILES.items() if n != "invoices.csv"}
    study = open_study(company(files, "timezone: UTC\nobserved_from: 2026-01-01\n"), month="2026-03")
    assert np.isnan(deprecation_radar(study)["mrr_minor"].iloc[0])


def test_what_nothing_deprecates_is_said_so(company):
    files = {n: t for n, t in FILES.items() if n != "annotations.csv"} | {"releases.csv": "version,released_at\n2026.1,2026-02-10T10:00Z\n"}
    study = open_study(company(files, name="silent"), month="2026-03")
    assert "neither releases nor annotations name a successor or an end of v1, v2;" in str(deprecation_radar(study))
    assert isinstance(measure(study, "deprecated_version_exposure"), NotMeasurable)


def test_calls_without_a_version_are_said_so(company):
    study = open_study(company({"requests.csv": "occurred_at,account_id,status\n2026-03-31T10:00,a,200\n"}), month="2026-03")
    assert "map api_version of requests" in str(deprecation_radar(study))
    assert "no call names a version" in str(adoption(study))
    assert 'no row of "requests" fills "sdk_version"' in str(measure(study, "newest_sdk_share"))


def test_adoption_shows_the_api_first_and_no_sdk_of_a_single_version(small_study):
    table = adoption(small_study)
    assert table["of"].iloc[0] == "API" and "curl" not in set(table["of"])
    last = table[(table["of"] == "API") & (table["month"] == small_study.month)].set_index("version")
    exposure = measure(small_study, "deprecated_version_exposure").iloc[-1]
    assert last.loc["v1", "numerator"] == exposure["numerator"]
    assert (last["denominator"] == exposure["denominator"]).all()
