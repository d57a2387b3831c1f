"""Are accounts leaving the version that will end, how fast, and how much revenue is still on it?

Unit: an account that called the deprecated version in the four weeks before its end was announced. It has moved when it
called the old version no more and another one later; one that stopped calling altogether has left, and
leaves the curve without having moved. Why an account waits is not in the data.
"""

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from apijourney.columns import required
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.metrics.product.experience.version_metrics import deprecated
from apijourney.metrics.product.experience.versions import version_use
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
BEFORE_DAYS = 28


def migration(use: pd.DataFrame, *, announced: pd.Timestamp, until: pd.Timestamp, silence_days: int = 28) -> pd.DataFrame:
    """How long did each account stay on the old version, and did it move?

    Parameters
    ----------
    use : one row an account and version: account_id, old (is it the deprecated one?), near (did it call it in the weeks
        before the announcement?), last_day (of its successful calls with it).
    announced : the day. until : the first day not known. silence_days : without a call for so long, it has stopped.

    Returns
    -------
    One row an account that was `near` on the old version: account_id, days (from the announcement to its last old call, at least
    0; of one that has not stopped, up to `until`), state ("moved", "left" or "still there").
    """
    required(use, ["account_id", "old", "near", "last_day"], where="migration(use)")
    old = use[use["old"] & use["near"]].set_index("account_id")["last_day"]
    other = use[~use["old"]].groupby("account_id")["last_day"].max().reindex(old.index)
    stopped = (until - old).dt.days > silence_days
    moved = stopped & (other > old).fillna(False)
    state = np.select([moved, stopped], ["moved", "left"], "still there")
    day = old.where(stopped, until)
    return pd.DataFrame({"account_id": old.index, "days": (day - announced).dt.days.clip(lower=0).to_numpy(), "state": state})


@passes_on
def migration_curve(table: pd.DataFrame) -> pd.DataFrame:
    """Which share of the accounts was still on the old version so many days after the announcement?

    table : from `migration`. Returns one row a step: days, value, low, high (95 %, Kaplan-Meier with the exponential Greenwood
    interval of lifelines), at_risk. Accounts that left, or are still there, are censored.

    >>> table = pd.DataFrame({"account_id": list("abcd"), "days": [10, 20, 30, 30], "state": ["moved", "left", "still there", "moved"]})
    >>> migration_curve(table)[["days", "value"]].round(3).to_numpy().tolist()
    [[0.0, 1.0], [10.0, 0.75], [20.0, 0.75], [30.0, 0.375]]
    """
    fitted = KaplanMeierFitter().fit(table["days"], table["state"] == "moved")
    curve = fitted.survival_function_.iloc[:, 0]
    low, high = (fitted.confidence_interval_.iloc[:, i].to_numpy() for i in (0, 1))
    at_risk = [int((table["days"] >= d).sum()) for d in curve.index]
    return pd.DataFrame({"days": curve.index.to_numpy(), "value": curve.to_numpy(), "low": low, "high": high, "at_risk": at_risk})


@remembered
def migration_of_study(study) -> pd.DataFrame | NotMeasurable:
    """`migration` away from the deprecated version whose end was announced last (or whose successor came last).

    Returns its columns, and api_version, announced (day).
    """
    versions = deprecated(study)
    if isinstance(versions, NotMeasurable):
        return versions
    told = versions["end_announced"].fillna(versions["successor_since"])
    row, announced = versions.loc[told.idxmax()], told.max()
    calls = study.fact("calls", study.all_months)
    good = calls.filter((calls.environment == "production") & calls.status.between(200, 299) & calls.account_id.notnull())
    good = good.mutate(old=(good.api_version == row["api_version"]).fill_null(False))
    first = (announced - pd.Timedelta(days=BEFORE_DAYS)).date()
    near = ((good.day >= first) & (good.day <= announced.date())).any()
    use = good.group_by("account_id", "old").aggregate(near=near, last_day=good.day.max()).order_by("account_id", "old").to_pandas()
    use["last_day"] = pd.to_datetime(use["last_day"])
    table = migration(
        use, announced=announced, until=pd.Timestamp(study.until_day), silence_days=study.workbook.definitions.silence_days
    )
    if table.empty:
        return NotMeasurable(
            "Moving to the new version", f"no account called {row['api_version']} in the {BEFORE_DAYS} days before its end was announced."
        )
    return table.assign(api_version=row["api_version"], announced=announced)


def _exposed(study) -> pd.DataFrame | NotMeasurable:
    """Calls of known version by month and account: calls, old (those on a version that was deprecated by then)."""
    versions = deprecated(study)
    if isinstance(versions, NotMeasurable):
        return versions
    use = version_use(study).dropna(subset="api_version")
    since = use["api_version"].map(versions.set_index("api_version")["deprecated_since"].dt.strftime("%Y-%m"))
    on = since.notna() & (since.fillna("9999") <= use["month"])
    sums = use.assign(old=use["calls"].where(on, 0)).groupby(["month", "account_id"])[["calls", "old"]].sum()
    return sums.reset_index()


@catalogued(
    name="Calls on deprecated versions", dimension="product", stage="scale",
    question="Which share of the calls is still made with a version of the API that is deprecated?",
    formula="successful production calls of accounts on a deprecated version / those on a known version; deprecated from the "
    "month in which its successor was released as breaking, or its end announced",
    unit="share", direction="down", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="switching the old version off: the accounts leave with it", tables=("requests", "releases"),
    columns=("requests.account_id", "requests.api_version"), source=_BOOK, counted="calls", whole_month=True,
)  # fmt: skip
def deprecated_calls_share(study):
    table = _exposed(study)
    if isinstance(table, NotMeasurable):
        return table
    rows = []
    for month in study.months:
        part = table[table["month"] == month]
        k, n = int(part["old"].sum()), int(part["calls"].sum())
        low, high = share_interval(part["old"], part["calls"])
        rows.append((month, k / n if n else np.nan, low, high, k, n, study.whole(month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


@catalogued(
    name="Revenue on deprecated versions", dimension="product", stage="scale",
    question="Which share of the recurring revenue comes from accounts that still call a version that is deprecated?",
    formula="MRR of accounts with a successful production call on a deprecated version / MRR of accounts with one on a known version",
    unit="share", direction="down", timing="leading", counter_metric="deprecated_version_exposure",
    gameable_by="moving only the largest account", tables=("requests", "releases", "invoices"),
    columns=("requests.account_id", "requests.api_version"), source=_BOOK, counted="minor units", whole_month=True,
)  # fmt: skip
def deprecated_mrr_share(study):
    table, recurring = _exposed(study), recurring_lines(study)
    for found in (table, recurring):
        if isinstance(found, NotMeasurable):
            return found
    rows = []
    for month in study.months:
        part = table[table["month"] == month]
        pays = recurring[recurring["month"] == month].set_index("account_id")["mrr_minor"].groupby(level=0).sum()
        mrr = part["account_id"].map(pays).fillna(0).clip(lower=0).astype("float64")
        old = mrr.where(part["old"] > 0, 0.0)
        low, high = share_interval(old, mrr)
        rows.append((month, old.sum() / mrr.sum() if mrr.sum() else np.nan, low, high, old.sum(), mrr.sum(), study.whole(month)))
    return billed(study, pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"]))
