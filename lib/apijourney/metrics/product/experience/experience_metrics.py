"""The catalogued metrics of experience: how long do callers wait for help, and what do they say?

Unit: the ticket, or the answer to a survey. Those who answer are not all: a survey says what they think,
not what those think who left without a word.
"""

import pandas as pd

from apijourney.facts.event_log import event_log
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import ratio_by_month, share_marked
from apijourney.metrics.product.activation.activation_metrics import KNOWN_MEDIAN
from apijourney.metrics.product.conversion.time_to import time_to_summary
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}


@catalogued(
    name="Time to resolution", dimension="product", stage="test",
    question="After how many days is half of the tickets resolved?",
    formula="Kaplan-Meier median of opened to resolved, for the tickets opened in the month, those still open "
    "censored at the end of observation; " + KNOWN_MEDIAN + "; tickets resolved before they were opened are left out",
    unit="days", direction="down", timing="leading", counter_metric="csat",
    gameable_by="closing tickets that are not solved", tables=("tickets",), source=_BOOK, counted="tickets",
)  # fmt: skip
def ticket_resolution_days(study):
    tickets = study.table("tickets")
    if tickets["resolved_at"].isna().all():
        return NotMeasurable("Time to resolution", "no ticket says when it was resolved; map resolved_at of tickets.")
    tickets = tickets[~(tickets["resolved_at"] < tickets["opened_at"])]
    month = study.local_month(tickets["opened_at"])
    rows = []
    for name in study.months:
        part = tickets[month == name]
        ends = part[part["resolved_at"].notna()]
        log = event_log(
            pd.DataFrame(
                {
                    "account_id": [*part.index.astype("str"), *ends.index.astype("str")],
                    "event": pd.Categorical(["opened"] * len(part) + ["resolved"] * len(ends), ["opened", "resolved"]),
                    "occurred_at": pd.concat([part["opened_at"], ends["resolved_at"]]).astype("datetime64[us]").array,
                }
            )
        )
        found = time_to_summary(log, "opened", "resolved", observed_until=study.observed_until).iloc[0]
        day = pd.Timedelta(days=1)
        rows.append(
            {"month": name, "value": found["median"] / day, "low": found["median_low"] / day,
             "high": found["median_high"] / day, "numerator": found["reached"], "denominator": found["n"],
             "mature": found["steady"]}
        )  # fmt: skip
    return pd.DataFrame(rows)


def answers(study, kind: str, name: str) -> pd.DataFrame | NotMeasurable:
    """The answers to one kind of survey: account_id, month, score. Refused where they leave the scale."""
    table = study.table("surveys")
    table = table[table["kind"].str.lower() == kind]
    if table.empty:
        return NotMeasurable(name, f'no answer of the kind "{kind}" was given up to {study.month}; add them to surveys.')
    low, high = SCALES[kind]
    off = table.loc[~table["score"].between(low, high), "score"]
    if len(off):
        return NotMeasurable(
            name, f"{kind} is asked from {low} to {high}, but an answer is {off.iloc[0]:g}; bring score to that scale."
        )
    return pd.DataFrame(
        {
            "account_id": table["account_id"].fillna("(no account)").astype("str"),
            "month": study.local_month(table["answered_at"]),
            "score": table["score"],
        }
    )


def _mean(found, numerator: pd.Series, study) -> pd.DataFrame:
    rows = pd.DataFrame(
        {"month": found["month"], "unit": found["account_id"], "numerator": numerator.astype("float64"), "denominator": 1}
    )
    return ratio_by_month(rows, study.months)


@catalogued(
    name="Satisfaction (CSAT)", dimension="product", stage="scale",
    question="Which share of those asked is satisfied?",
    formula="answers of 4 or 5 / answers to csat of the local month, asked from 1 to 5; each answer counts",
    unit="share", direction="up", timing="leading", counter_metric="ticket_resolution_days",
    gameable_by="asking only after good news", tables=("surveys",), source=_BOOK, counted="answers",
)  # fmt: skip
def csat(study):
    found = answers(study, "csat", "Satisfaction (CSAT)")
    if isinstance(found, NotMeasurable):
        return found
    return share_marked(found["score"] >= 4, found["month"], study.months)


@catalogued(
    name="Net promoter score (NPS)", dimension="product", stage="scale",
    question="Would those asked recommend the API?",
    formula="100 × (answers of 9 or 10 − answers of 0 to 6) / answers to nps of the local month, asked from 0 to "
    "10; from −100 to 100 points",
    unit="points", direction="up", timing="leading", counter_metric="csat",
    gameable_by="asking only those who stay", tables=("surveys",), source="Reichheld (2003), Harvard Business Review 81 (12), 46-54",
    counted="answers",
)  # fmt: skip
def nps(study):
    found = answers(study, "nps", "Net promoter score (NPS)")
    if isinstance(found, NotMeasurable):
        return found
    promoters, detractors = found["score"] >= 9, found["score"] <= 6
    return _mean(found, 100 * (promoters.astype("int64") - detractors.astype("int64")), study)


@catalogued(
    name="Effort score (CES)", dimension="product", stage="scale",
    question="How easy do those asked find it?",
    formula="mean answer to ces of the local month, asked from 1 to 7, 7 being the easiest",
    unit="points", direction="up", timing="leading", counter_metric="tickets_per_active_account",
    gameable_by="asking only about easy tasks", tables=("surveys",), source="Dixon, Freeman, Toman (2010), Harvard Business Review 88 (7/8), 116-122",
    counted="answers",
)  # fmt: skip
def ces(study):
    found = answers(study, "ces", "Effort score (CES)")
    return found if isinstance(found, NotMeasurable) else _mean(found, found["score"], study)
