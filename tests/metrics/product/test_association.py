"""Association: odds, differences, and allowing for many looks."""

import numpy as np
import pandas as pd
import pytest

from apijourney.errors import WorkbookError
from apijourney.metrics.product.association import association


def accounts(a, b, c, d):
    """a exposed and reached, b exposed only, c reached only, d neither."""
    did = [True] * (a + b) + [False] * (c + d)
    reached = [True] * a + [False] * b + [True] * c + [False] * d
    return pd.DataFrame({"did": did}), pd.Series(reached)


def test_counts_odds_and_difference_by_hand():
    # 6 of 8 exposed and 3 of 9 others reach it: odds 3 against 1/2 = 6, shares 3/4 − 1/3 = 5/12.
    row = association(*accounts(6, 2, 3, 6)).iloc[0]
    assert row[["exposed", "exposed_reached", "others", "others_reached"]].tolist() == [8, 6, 9, 3]
    assert row["odds_ratio"] == pytest.approx(6) and row["risk_difference"] == pytest.approx(5 / 12)
    # Woolf: exp(log 6 ± 1.96 · sqrt(1/6 + 1/2 + 1/3 + 1/6)) = 0.72 to 49.8.
    assert (round(row["odds_low"], 2), round(row["odds_high"], 1)) == (0.72, 49.8)


def test_interval_of_the_difference_gives_the_published_values_of_newcombe_1998():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10: 56/70 against 48/80.
    row = association(*accounts(56, 14, 48, 32)).iloc[0]
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.0524, 0.3339)


def test_p_is_that_of_fishers_tea_tasting():
    # Four cups of four right would be p = 2/70 two-sided; three of four right: 34/70.
    assert association(*accounts(4, 0, 0, 4))["p"][0] == pytest.approx(2 / 70)
    assert association(*accounts(3, 1, 1, 3))["p"][0] == pytest.approx(34 / 70)


def test_a_prior_tames_odds_of_zero_counts():
    # 5 of 5 against 5 of 15: plain odds are infinite; with one added to each: 6·11/(1·6) = 11.
    assert association(*accounts(5, 0, 5, 10))["odds_ratio"][0] == np.inf
    assert np.isnan(association(*accounts(5, 0, 5, 10))["odds_low"][0])
    assert association(*accounts(5, 0, 5, 10), prior=1)["odds_ratio"][0] == pytest.approx(11)


def test_the_family_of_q_is_the_table():
    did, reached = accounts(8, 2, 2, 8)
    one = association(did, reached)
    # A behaviour that nobody shows cannot be tested and does not widen the family.
    two = association(did.assign(never=False, alternating=[True, False] * 10), reached)
    assert one["q"][0] == one["p"][0]
    assert two["q"][0] == pytest.approx(2 * one["p"][0])
    assert two.loc[1, ["p", "q", "risk_difference"]].isna().all()


def test_outcome_is_aligned_by_account():
    did = pd.DataFrame({"did": [True, False]}, index=["a", "b"])
    row = association(did, pd.Series([False, True], index=["b", "a"])).iloc[0]
    assert (row["exposed_reached"], row["others_reached"]) == (1, 0)


@pytest.mark.parametrize(
    ("exposures", "outcome", "options", "sentence"),
    [
        ({"did": [True, False]}, [True], {}, "outcome: give one value for every account"),
        ({"did": [True, False]}, pd.Series([True, None]), {}, "outcome: give one value"),
        ({"did": [True, None]}, [True, False], {}, "exposures: a behaviour is True or False"),
        ({"did": [True]}, [True], {"prior": -1}, "prior: a count to add"),
    ],
)
def test_bad_arguments_end_in_one_sentence(exposures, outcome, options, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        association(pd.DataFrame(exposures), outcome, **options)
