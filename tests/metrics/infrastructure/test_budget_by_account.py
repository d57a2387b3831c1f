"""Error budget by account: a few calls one can count, and the small company counted again by hand."""

import numpy as np
import pandas as pd
import pytest

from apijourney import open_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.budget_by_account import budgets, error_budget_by_account

HEAD = "request_id,occurred_at,received_at,account_id,endpoint,status,environment"


def rows(*calls: str) -> str:
    """Each call is "day account status [environment]", at noon."""
    lines = [HEAD]
    for i, call in enumerate(calls):
        day, account, status, *environment = call.split()
        account = "" if account == "-" else account
        at = f"{day}T12:00:{i:02d}"
        lines.append(f"r{i},{at},{at},{account},/x,{status},{(environment or ['production'])[0]}")
    return "\n".join(lines) + "\n"


LAST = "2026-03-31 a 200"
BOOK = "timezone: UTC\nobserved_from: 2026-01-01\nslo: {availability: 0.5}\n"


def test_each_account_is_held_against_the_failures_its_own_calls_allow(company):
    # March 4 to 31 are the 28 days. a: 3 valid, 1 failed, allowed 1.5; b: 1 valid, 1 failed, allowed 0.5
    calls = rows(
        "2026-03-03 a 500", "2026-03-04 a 500", "2026-03-10 a 404", "2026-03-11 b 503",
        "2026-03-12 b 500 sandbox", "2026-03-13 - 500", LAST,
    )  # fmt: skip
    invoices = "account_id,issued_at,amount_minor,kind\na,2026-03-02,700,subscription\nc,2026-03-02,9,subscription\n"
    study = open_study(company({"requests.csv": calls, "invoices.csv": invoices}, BOOK), month="2026-03")
    table = error_budget_by_account(study)
    assert list(table.columns) == [
        "account_id", "valid", "failed", "availability", "allowed", "budget_spent_share", "mrr_minor", "mature",
    ]  # fmt: skip
    expected = [["b", 1, 1, 0.0, 0.5, 2.0, 0.0, True], ["a", 3, 1, 2 / 3, 1.5, 2 / 3, 700.0, True]]
    pd.testing.assert_frame_equal(table, pd.DataFrame(expected, columns=table.columns))


def test_without_invoices_the_revenue_is_unknown_not_zero(company):
    study = open_study(company({"requests.csv": rows(LAST)}, BOOK), month="2026-03")
    assert error_budget_by_account(study)["mrr_minor"].isna().all()


def test_a_window_that_began_before_observing_is_not_mature(company):
    book = BOOK.replace("2026-01-01", "2026-03-05")
    study = open_study(company({"requests.csv": rows("2026-03-05 a 200", LAST)}, book), month="2026-03")
    assert not error_budget_by_account(study)["mature"].any()


def test_the_window_reaches_into_the_month_before_when_the_month_goes_on(company):
    # data end on March 10, so the 28 days begin on February 11
    calls = rows("2026-02-10 a 500", "2026-02-11 a 500", "2026-03-10 a 200")
    study = open_study(company({"requests.csv": calls}, BOOK), month="2026-03")
    assert error_budget_by_account(study)[["valid", "failed"]].to_numpy().tolist() == [[2, 1]]


def test_a_quota_used_up_before_the_window_still_excuses_throttling(company):
    # two of two calls were used by March 2; the 429 of March 20 is the customer's own doing
    calls = rows("2026-03-01 a 200", "2026-03-02 a 200", "2026-03-20 a 429", "2026-03-31 b 429")
    accounts = "account_id,created_at,quota_per_month\na,2026-01-01,2\nb,2026-01-01,1000\n"
    study = open_study(company({"requests.csv": calls, "accounts.csv": accounts}, BOOK), month="2026-03")
    table = error_budget_by_account(study).set_index("account_id")
    assert table[["valid", "failed"]].to_dict("index") == {"b": {"valid": 1, "failed": 1}, "a": {"valid": 0, "failed": 0}}
    assert np.isnan(table.loc["a", "budget_spent_share"])


def test_no_call_of_a_known_account_is_said_so(company):
    study = open_study(company({"requests.csv": rows("2026-03-31 - 401")}, BOOK), month="2026-03")
    answer = error_budget_by_account(study)
    assert isinstance(answer, NotMeasurable)
    assert 'no row of "requests" fills "account_id"' in str(answer)
    silent = rows("2026-01-31 a 200", "2026-03-31 - 401")
    answer = error_budget_by_account(open_study(company({"requests.csv": silent}, BOOK, name="silent"), month="2026-03"))
    assert str(answer) == (
        "Error budget by account is not measurable: there are no production calls of known accounts in the "
        "28 days before 2026-04-01; choose another month."
    )


def test_no_requests_at_all_is_not_measurable(company):
    invoices = "account_id,issued_at,amount_minor\na,2026-03-02,700\n"
    answer = error_budget_by_account(open_study(company({"invoices.csv": invoices}), month="2026-03"))
    assert isinstance(answer, NotMeasurable) and 'the table "requests" is not there' in str(answer)


def test_failures_of_the_accounts_add_up_to_those_of_the_company(small_study):
    """Counted again from the activity fact, which knows nothing of statuses or quotas."""
    table = error_budget_by_account(small_study)
    activity = small_study.fact("activity", [small_study.month])
    first = pd.Timestamp(small_study.until_day) - pd.Timedelta(days=28)
    activity = activity.filter(
        (activity.environment == "production") & activity.account_id.notnull() & (activity.day >= first.to_pydatetime().date())
    )
    total = activity.aggregate(
        calls=activity.calls.sum(), bad=activity.server_errors.sum(), limited=activity.throttled.sum(),
        accounts=activity.account_id.nunique(),
    ).to_pandas().iloc[0]  # fmt: skip
    assert len(table) == total["accounts"]
    assert total["bad"] <= table["failed"].sum() <= total["bad"] + total["limited"]
    assert total["calls"] - total["limited"] <= table["valid"].sum() <= total["calls"]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_the_order_of_the_rows_does_not_matter(order):
    counted = pd.DataFrame({"account_id": ["a", "b", "a"], "good": [5, 7, 1], "bad": [1, 2, 0]}).iloc[order]
    table = budgets(counted, slo=0.9)
    assert table["account_id"].tolist() == ["b", "a"]
    assert table["failed"].tolist() == [2, 1]
