"""First errors: eight accounts counted by hand, combinations put together, a planted version found."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.product.friction.forensics import NO_PAGE, OTHERS, combinations, error_combinations, error_marks, first_errors

NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"]
ACCOUNTS = "account_id,created_at,is_internal\n" + "".join(f"{a},2026-01-05T10:00:00,false\n" for a in NAMES)
# a: its second error is not its first; b: no error; c: first error 25 hours after its first call; d: activated before
# its first error; e: no SDK named; f: error after its 14 days (its first call came as late); g: read a page of no docs; h: never called
REQUESTS = """request_id,occurred_at,account_id,endpoint,status,environment,key_id,sdk,sdk_version
1,2026-01-06T10:00:00,a,/x,422,sandbox,k,py,1.0
2,2026-01-06T11:00:00,a,/y,500,sandbox,k,py,1.0
3,2026-01-07T10:00:00,a,/y,200,production,k,py,1.0
4,2026-01-08T10:00:00,a,/y,200,production,k,py,1.0
5,2026-01-06T10:00:00,b,/x,200,sandbox,k,py,1.0
6,2026-01-06T10:00:00,c,/x,200,sandbox,k,py,1.0
7,2026-01-07T11:00:00,c,/x,422,sandbox,k,py,1.0
8,2026-01-06T20:00:00,d,/x,200,production,k,py,1.0
9,2026-01-07T10:00:00,d,/x,200,production,k,py,1.0
10,2026-01-07T11:00:00,d,/x,422,production,k,py,1.0
11,2026-01-06T10:00:00,e,/z,503,sandbox,k,,
12,2026-01-25T10:00:00,f,/x,422,sandbox,k,py,1.0
13,2026-01-06T10:00:00,g,/x,404,sandbox,k,py,1.1
14,2026-01-31T23:00:00,b,/x,200,sandbox,k,py,1.0
"""
TOUCHPOINTS = """event_id,occurred_at,account_id,touchpoint,page
1,2026-01-06T08:00:00,a,docs_view,/docs/one
2,2026-01-06T09:00:00,a,docs_view,/docs/two
3,2026-01-06T09:30:00,a,pricing_view,/pricing
4,2026-01-06T10:30:00,a,docs_view,/docs/one
5,2026-01-06T09:00:00,g,pricing_view,/pricing
6,2025-12-29T09:00:00,e,docs_view,/docs/one
"""
PAGES = "page,text\n/docs/one,hello\n/docs/two,hello\n"
FILES = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS, "touchpoints.csv": TOUCHPOINTS, "pages.csv": PAGES}


def study_of(company, files=FILES):
    return open_study(company(files, "observed_from: 2025-12-01"), month="2026-01")


def test_the_first_error_of_the_first_day_is_told_by_its_four_marks(company):
    table = first_errors(study_of(company)).set_index("account_id")
    assert table[["error", "endpoint", "sdk", "page", "activated"]].to_dict("index") == {
        "a": {"error": "422", "endpoint": "/x", "sdk": "py 1.0", "page": "/docs/two", "activated": True},
        "e": {"error": "503", "endpoint": "/z", "sdk": "no SDK", "page": NO_PAGE, "activated": False},
        "g": {"error": "404", "endpoint": "/x", "sdk": "py 1.1", "page": NO_PAGE, "activated": False},
    }


def test_without_the_list_of_pages_no_page_is_known(company):
    table = first_errors(study_of(company, {n: t for n, t in FILES.items() if n != "pages.csv"}))
    assert set(table["page"]) == {NO_PAGE}


def test_a_company_without_errors_says_so(company):
    clean = FILES | {"requests.csv": "\n".join(r for r in REQUESTS.splitlines() if r[0] == "r" or ",200," in r) + "\n"}
    study = study_of(company, clean)
    assert "no account of the months shown met an error" in str(error_combinations(study))
    assert isinstance(error_marks(study), NotMeasurable)


def test_rare_combinations_are_put_together_and_not_compared():
    errors = pd.DataFrame(
        {"error": ["422"] * 6 + ["404"] * 5 + ["409", "500"], "sdk": ["py"] * 6 + ["go"] * 5 + ["py", "go"],
         "activated": [True] + [False] * 5 + [True] * 5 + [True, False]}
    )  # fmt: skip
    table = combinations(errors, parts=("error", "sdk"), min_n=5)
    assert table[["error", "sdk", "numerator", "denominator"]].to_numpy().tolist() == [
        ["422", "py", 1, 6], ["404", "go", 5, 5], [OTHERS, OTHERS, 1, 2]
    ]  # fmt: skip
    assert table["others"].iloc[0] == pytest.approx(6 / 7) and table["others_n"].iloc[0] == 7
    assert table["q"].notna().tolist() == [True, True, False] and np.isnan(table["value"].iloc[2])


def drawn(rng: np.random.Generator, bad: float) -> pd.DataFrame:
    """300 accounts over four SDKs and three errors; on "py 2" the activated share is `bad`, else 0.6."""
    sdk = rng.choice(["py 1", "py 2", "go 1", "go 2"], 300)
    share = np.where(sdk == "py 2", bad, 0.6)
    return pd.DataFrame({"error": rng.choice(["400", "404", "422"], 300), "sdk": sdk, "activated": rng.random(300) < share})


def test_a_planted_version_is_found():
    found = [combinations(drawn(np.random.default_rng(i), 0.15), parts=("sdk",)).set_index("sdk") for i in range(20)]
    assert sum(t.loc["py 2", "q"] < 0.05 and t.loc["py 2", "value"] < t.loc["py 2", "others"] for t in found) == 20


def test_chance_alone_is_named_no_more_often_than_said():
    runs = [combinations(drawn(np.random.default_rng(i), 0.6), parts=("error", "sdk")) for i in range(60)]
    assert sum((t["q"] < 0.05).any() for t in runs) <= 8


def test_on_the_sample_errors_add_up_and_marks_are_one_family(small_study):
    errors, table, marks = first_errors(small_study), error_combinations(small_study), error_marks(small_study)
    assert table["denominator"].sum() == len(errors) == errors["account_id"].nunique()
    assert table["numerator"].sum() == errors["activated"].sum()
    tested = marks["p"].notna()
    assert (marks.loc[tested, "q"] >= marks.loc[tested, "p"]).all() and (marks["denominator"] >= 5).all()


def test_a_missing_mark_is_named():
    with pytest.raises(WorkbookError, match='combinations.errors.: unknown column "page"'):
        combinations(pd.DataFrame({"error": ["422"], "activated": [True]}), parts=("error", "page"))
