"""Exercises of notebook 04: lay invoices into their months by hand, then look behind the two largest accounts."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.formats import is_missing
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.recurring_revenue import recurring_revenue
from apijourney.metrics.business.revenue import revenue_by_month
from apijourney.metrics.business.study_tables import retained

MONTHS = ["2026-01", "2026-02", "2026-03"]


def toy_invoices() -> pd.DataFrame:
    """Six revenue lines of three accounts, in cents, few enough to lay out by hand."""
    rows = [
        ("ada", "2026-01-10", "2026-01-01", "2027-01-01", 120_000, "subscription", None),
        ("bo", "2026-01-15", "2026-01-01", "2026-02-01", 5_000, "subscription", None),
        ("bo", "2026-02-15", "2026-02-01", "2026-03-01", 5_000, "subscription", None),
        ("bo", "2026-02-20", "2026-02-01", "2026-03-01", -1_000, "credit", "subscription"),
        ("cy", "2026-02-28", "2026-02-01", "2026-03-01", 3_000, "usage", None),
        ("cy", "2026-02-28", None, None, 50_000, "one_off", None),
    ]
    columns = ["account_id", "issued_at", "service_start", "service_end", "reporting_minor", "kind", "credits_kind"]
    table = pd.DataFrame(rows, columns=columns)
    for column in ("service_start", "service_end"):
        table[column] = pd.to_datetime(table[column]).dt.date
    return table.assign(issued_at=pd.to_datetime(table["issued_at"]))


def toy_mrr() -> pd.DataFrame:
    """MRR of the toy invoices: one row an account, one column a month, in cents; then what was billed."""
    lines = toy_invoices()
    mrr = recurring_revenue(lines, months=MONTHS).pivot(index="account_id", columns="month", values="mrr_minor")
    table = mrr.fillna(0).astype("int64")
    table.loc["MRR, all three"] = table.sum()
    table.loc["billed"] = revenue_by_month(lines, MONTHS)["reporting_minor"].to_numpy()
    table.columns = list(table.columns)
    return table.rename_axis("account").reset_index()


def _kept_in_february(column: str = "nrr", followed: str = "all") -> float:
    table = toy_mrr().set_index("account").loc[["ada", "bo", "cy"]]
    began = table[table["2026-01"] > 0]
    now = table["2026-02"] if followed == "everybody" else began["2026-02"]
    return float(now.sum() / began["2026-01"].sum()) if column == "nrr" else float(now.sum() / 100)


first = Question(
    ask="In the toy invoices: how much of January's MRR do the accounts that paid in January bring in February, as a share?",
    expected=_kept_in_february,
    hint="only ada and bo paid in January; what do these two bring in February, over what they brought in January?",
    solution='mrr = exercises.toy_mrr().set_index("account").loc[["ada", "bo"]]\nmrr["2026-02"].sum() / mrr["2026-01"].sum()',
    within=0.005,
    share=True,
    mistakes=(
        (lambda: _kept_in_february(followed="everybody"), "*cy* paid nothing in January: what it brings is new, and was not kept."),
        (lambda: _kept_in_february(column="euros"), "That is what they bring, in euros. Divide by what they brought in January."),
        (lambda: 570 / 1250, "That compares what was billed. Compare what recurs: the MRR."),
    ),
)


def second(study) -> Question:
    """How high is net revenue retention without the two largest accounts?"""

    def without(largest: int):
        found = retained(study, leave_out=largest)
        if isinstance(found, NotMeasurable):
            return found
        value = found["nrr"].iloc[0]
        if is_missing(value):
            return NotMeasurable("Net revenue retention", "a year ago is not observed; choose a later month.")
        return float(value)

    return Question(
        ask="How high is net revenue retention without the two largest accounts, as a share such as 1.05?",
        expected=lambda: without(2),
        hint="retained(study, leave_out=2) leaves the two largest accounts of the month out; look at its column nrr.",
        solution='retained(study, leave_out=2)["nrr"].iloc[0]',
        within=0.002,
        share=True,
        mistakes=(
            (lambda: without(1), "That is without the largest account alone. Leave out the second one as well."),
            (lambda: without(0), "That is with all accounts."),
        ),
    )
