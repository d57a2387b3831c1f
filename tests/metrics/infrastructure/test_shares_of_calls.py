"""Is there an interval only where accounts met and missed what is counted?"""

import numpy as np
import pandas as pd
import pytest

from apijourney.metrics.infrastructure.availability import availability
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.metrics.uncertainty import bootstrap_ratio


@pytest.mark.parametrize("hits", [[0, 0, 0], [10, 20, 30]])
def test_what_nobody_or_everybody_met_has_no_interval_instead_of_one_without_width(hits):
    assert np.isnan(share_interval(hits, [10, 20, 30])).all()


def test_what_one_account_met_has_an_interval_only_where_one_is_enough():
    hits, of = [0, 0, 8], [60, 32, 8]
    assert share_interval(hits, of) == bootstrap_ratio(hits, of)
    assert np.isnan(share_interval(hits, of, at_least=2)).all()
    assert share_interval([1, 0, 8], [60, 32, 9], at_least=2) == bootstrap_ratio([1, 0, 8], [60, 32, 9])


def test_an_endpoint_without_a_failure_claims_no_certainty():
    daily = pd.DataFrame(
        {"account_id": ["a", "b", "a", "b"], "endpoint": ["/x", "/x", "/y", "/y"], "day": "2026-10-01",
         "status": [200, 200, 200, 503], "calls": [60, 40, 60, 40]}
    )  # fmt: skip
    x, y = availability(daily, by="endpoint").to_dict("records")
    assert x["share"] == 1 and np.isnan(x["low"]) and np.isnan(x["high"])
    assert y["share"] == 0.6 and (y["low"], y["high"]) == bootstrap_ratio([60, 0], [60, 40])
