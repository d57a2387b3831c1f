"""Which early behaviour best tells the accounts that stay from those that leave?

Unit: an account, opened in the observed interval and still open after its first 14 days. Every account
is watched for the same days before the outcome counts, so nobody has more of a behaviour merely because
he stayed longer. The cut of each behaviour and the winner are chosen on the accounts that signed
up earlier and judged on those that signed up later: a winner judged on the data it won on looks too good.
It is an association: who does a thing may differ from the others in every other way.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.holistic.account_table import active_days_after, mrr_after
from apijourney.metrics.holistic.adjusted import LEAST_ACCOUNTS, adjusted_difference
from apijourney.metrics.product.activation.activation_metrics import NEVER, created_times, first_calls
from apijourney.metrics.product.closings import closing_days
from apijourney.metrics.uncertainty import benjamini_hochberg

BEHAVIOUR_DAYS = 14
OUTCOME_DAYS = (BEHAVIOUR_DAYS, BEHAVIOUR_DAYS + 27)
"""Stayed: active on one of the 28 days after the first 14, the day of sign-up being day 1."""
PAYING_AFTER_MONTHS = 3
BEFORE_USE, USE = "before use", "use"
_FIRST_DAYS = 1  # local days from sign-up in which a behaviour "before use" counts, and only before the first call
_CUTS = (1, 2, 3, 5, 10)
CONFOUNDERS = ["segment", "channel", "month"]
_ALWAYS = {"account_created", "sign_up", "account_closed", "invoice", "request"}


@remembered
@needs("accounts", "active", "requests", what="Drivers of retention")
def early_behaviour(study) -> pd.DataFrame:
    """What did each account do in its first 14 days, and was it active again later?

    Returns
    -------
    One row an account opened in the observed interval: account_id, month (of sign-up), opened_day,
    segment (at sign-up), channel, why_not ("closed in the first 14 days", "not yet followed to day 42";
    empty: it is compared), called (in the first 14 days), stayed (0 or 1; NaN = its window is open),
    paying and mrr_minor (MRR in the third month after that of sign-up; NaN = not yet known), and a
    count for each behaviour:
    - each touchpoint of the journey that people do before they use the API (stages discover and
      evaluate), on the local day of sign-up or before, and before the first call;
    - each touchpoint of the stages integrate, test and measure, in the first 14 local days;
    - "endpoints used", "days with calls" in the first 14 local days; "first call failed" (0 or
      1; NaN = no call in these days).
    """
    log, created = study.events, created_times(study)
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    inside = (created < NEVER) & log.accounts.isin(accounts.index)
    day = np.zeros(len(created), dtype="int64")
    day[inside] = local_days(created[inside], study.zone).astype("int64")
    first = first_calls(study).set_index("account_id")
    first_call = np.full(len(created), NEVER)
    first_call[log.accounts.get_indexer(first.index)] = first["time"]
    since = local_days(log.time, study.zone).astype("int64") - day[log.account]
    early = inside[log.account] & (since < BEHAVIOUR_DAYS)
    fresh = early & (since < _FIRST_DAYS) & (log.time < first_call[log.account])

    def count(mask: np.ndarray) -> np.ndarray:
        return np.bincount(log.account[mask], minlength=len(log.accounts))[inside].astype("float64")

    table = pd.DataFrame({"account_id": log.accounts[inside].astype("str")})
    table["opened_day"] = day[inside].astype("datetime64[D]").astype("datetime64[s]")
    table["month"] = day[inside].astype("datetime64[D]").astype("datetime64[M]").astype(str)
    for column, origin in (("segment", "entry_segment"), ("channel", "channel")):
        table[column] = table["account_id"].map(accounts[origin])
    for touchpoint in _touchpoints(study):
        window = fresh if kind_of(study, touchpoint.touchpoint) == BEFORE_USE else early & (since >= 0)
        table[touchpoint.touchpoint] = count(window & log.mask(study.step(touchpoint.touchpoint)))
    calls = early & (since >= 0) & log.mask("request")
    table["days with calls"] = _distinct(log.account[calls], since[calls], inside)
    if "endpoint" in log.properties:
        table["endpoints used"] = _distinct(log.account[calls], log.properties["endpoint"].codes[calls], inside)
    called = count(calls) > 0
    success = table["account_id"].map(first["success"]).astype("float64")
    table["first call failed"] = (1 - success).where(called)
    closed = closing_days(study, table["account_id"]) - table["opened_day"] < pd.Timedelta(days=BEHAVIOUR_DAYS)
    stayed = active_days_after(study, table["account_id"], table["opened_day"], *OUTCOME_DAYS)
    why = np.select([closed, stayed.isna()], ["closed in the first 14 days", "not yet followed to day 42"], "")
    minor = mrr_after(study, table, "opened_day", months=PAYING_AFTER_MONTHS)
    return table.assign(
        why_not=pd.array(why, dtype="str"), called=called,
        stayed=(stayed >= 1).astype("float64").where(stayed.notna()),
        paying=(minor > 0).astype("float64").where(minor.notna()), mrr_minor=minor,
    )  # fmt: skip


def _touchpoints(study) -> list:
    """The touchpoints that are behaviours: those people do, and whose events are there."""
    stages = ("discover", "evaluate", "integrate", "test", "measure")
    return [
        t for t in study.workbook.journey
        if t.stage in stages and not t.needs and t.filter.event not in _ALWAYS and t.filter.event in study.events.events
        and not study.lacks(study.source_of(t.filter))
    ]  # fmt: skip


def kind_of(study, behaviour: str) -> str:
    """Is a behaviour something done before the API is used, or is it use itself?"""
    stages = {t.touchpoint: t.stage for t in study.workbook.journey}
    return BEFORE_USE if stages.get(behaviour) in ("discover", "evaluate") else USE


def _distinct(account: np.ndarray, value: np.ndarray, inside: np.ndarray) -> np.ndarray:
    pairs = np.unique(np.stack([account.astype("int64"), value.astype("int64")]), axis=1)
    return np.bincount(pairs[0][pairs[1] >= 0], minlength=len(inside))[inside].astype("float64")


def behaviours(table: pd.DataFrame) -> list[str]:
    """The columns of `early_behaviour` that are behaviours."""
    attributes = {"account_id", "opened_day", "month", "segment", "channel", "why_not", "called", "stayed", "paying", "mrr_minor"}
    return [c for c in table.columns if c not in attributes]


@remembered
def drivers(study) -> pd.DataFrame | NotMeasurable:
    """Which early behaviours separate accounts that stay from those that leave? See `compare_drivers`; adds `kind`."""
    table = early_behaviour(study)
    if isinstance(table, NotMeasurable):
        return table
    compared = table[table["why_not"] == ""]
    found = compare_drivers(compared, behaviours(table))
    if found.empty:
        return NotMeasurable(
            "Drivers of retention",
            "no behaviour was shown by enough of the accounts followed to day 42; choose a later month.",
        )
    return found.assign(kind=[kind_of(study, b) for b in found["behaviour"]])


def compare_drivers(accounts: pd.DataFrame, names: list[str], *, share_earlier: float = 0.5) -> pd.DataFrame:
    """Choose each behaviour's cut on the accounts that came earlier, and judge it on those that came later.

    Parameters
    ----------
    accounts : one row an account: opened_day, stayed (0 or 1), segment, channel, month, and a count for
        each of `names`.
    share_earlier : which share of the accounts, by day of sign-up, the choice is made on. Accounts of one
        day are never parted.

    Returns
    -------
    One row a behaviour that splits both parts into groups of 20 accounts or more, the surest on the
    earlier part first: behaviour, cut (did it at least so many times), earlier (adjusted difference of
    stayed on the earlier accounts; it is flattered by the choice), earlier_p, earlier_q, and of the later
    accounts, which took no part in the choice, the columns of `adjusted_difference`; q (over the
    behaviours of this table: the family).
    """
    columns = ["behaviour", "cut", "earlier", "earlier_p"]
    before, after = split_by_time(accounts, share_earlier)
    rows = []
    for name in names:
        best = _best_cut(before, name)
        if best is None:
            continue
        cut, chosen = best
        judged = adjusted_difference(_did(after, name, cut), exposure="did", outcome="stayed", confounders=CONFOUNDERS)
        if min(judged["exposed"], judged["n"] - judged["exposed"]) >= LEAST_ACCOUNTS:
            rows.append(dict(zip(columns, (name, cut, chosen["adjusted"], chosen["p"]), strict=True)) | judged)
    if not rows:
        return pd.DataFrame(columns=[*columns, "earlier_q", "adjusted", "low", "high", "p", "q"])
    table = pd.DataFrame(rows)
    table = table.assign(earlier_q=benjamini_hochberg(table["earlier_p"]), q=benjamini_hochberg(table["p"]))
    return table.sort_values("earlier_p", kind="stable", ignore_index=True)


def split_by_time(accounts: pd.DataFrame, share_earlier: float = 0.5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part accounts by their day of sign-up (`opened_day`): the earlier ones and the later ones."""
    if accounts.empty:
        return accounts, accounts
    days = accounts["opened_day"].sort_values(ignore_index=True)
    border = days.iloc[min(int(len(days) * share_earlier), len(days) - 1)]
    return accounts[accounts["opened_day"] < border], accounts[accounts["opened_day"] >= border]


def _did(accounts: pd.DataFrame, name: str, cut: int) -> pd.DataFrame:
    return accounts.assign(did=(accounts[name] >= cut).astype("float64").where(accounts[name].notna()))


def _best_cut(accounts: pd.DataFrame, name: str) -> tuple[int, dict] | None:
    """The cut whose adjusted difference is least likely chance; None where none leaves two groups."""
    found = []
    for cut in _CUTS:
        answer = adjusted_difference(_did(accounts, name, cut), exposure="did", outcome="stayed", confounders=CONFOUNDERS)
        if not np.isnan(answer["p"]):
            found.append((answer["p"], cut, answer))
    return min(found, key=lambda f: f[:2])[1:] if found else None


@passes_on
def chosen_driver(table: pd.DataFrame) -> pd.DataFrame | NotMeasurable:
    """The behaviour to act on: of those that come before use and help, the surest on the earlier accounts.

    table : from `drivers`. Returns its row, a table of one. Use itself is no lever: that accounts which
    use the API go on using it is no news.
    """
    before = table[(table["kind"] == BEFORE_USE) & (table["earlier"] > 0)]
    if before.empty:
        return NotMeasurable("A driver to act on", "no behaviour before the first call was shown by enough accounts.")
    return before.head(1).reset_index(drop=True)


@passes_on
def left_out(table: pd.DataFrame) -> pd.DataFrame:
    """How many accounts are compared, and how many not, and why? table : from `early_behaviour`."""
    counts = table["why_not"].replace("", "compared").value_counts()
    return counts.rename_axis("group").rename("accounts").reset_index()
