"""Would the early warning have been right in the months before, and earlier than a plain rule?

Unit: a silence whose end is known: `definitions.silence_days` days have passed since it began. A rule may only
use what was known when the silence began. The plain rule warns of everybody silent for so many days. It says how
well a warning foretells a long silence, not whether somebody who is warned of can be kept.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.decline.early_warning import TIMES, limit_days, silences
from apijourney.metrics.uncertainty import bootstrap_ratio

PLAIN_DAYS = 14
OWN, EITHER = "beyond its own limit", "whichever comes first"


def plain_rule(days: int) -> str:
    """The name of the rule that knows no rhythm."""
    return f"silent for {days} days"


PLAIN = plain_rule(PLAIN_DAYS)


@remembered
def backtest(study, *, times: float = TIMES, plain_days: int = PLAIN_DAYS) -> pd.DataFrame | NotMeasurable:
    """How often was each rule right, how many of the lost accounts did it name, and how early?

    Judged are the silences that began in the months shown, of accounts with at least 20 silences before.
    times : the own limit as a multiple of the usual silence. plain_days : silent days the plain rule waits for.

    Returns
    -------
    The table of `judge_rules`; or `NotMeasurable` where no such account fell silent for good.
    """
    judged = _judged(study)
    if isinstance(judged, NotMeasurable):
        return judged
    own = limit_days(judged["usual_days"].to_numpy(), times)
    plain = np.full(len(judged), plain_days - 1.0)
    rules = {OWN: own, plain_rule(plain_days): plain, EITHER: np.minimum(own, plain)}
    return judge_rules(judged, rules, gone_days=study.workbook.definitions.silence_days)


@remembered
def trade_off(study, *, times: tuple[int, ...] = (2, 3, 4, 6)) -> pd.DataFrame | NotMeasurable:
    """What would another multiple of the usual silence have brought? Sooner is less precise.

    times : multiples to try; the limit is at least three days whatever they are. Returns the table of `judge_rules`.
    """
    judged = _judged(study)
    if isinstance(judged, NotMeasurable):
        return judged
    usual = judged["usual_days"].to_numpy()
    rules = {f"{t} times its usual silence": limit_days(usual, t) for t in times}
    return judge_rules(judged, rules, gone_days=study.workbook.definitions.silence_days)


@remembered
def _judged(study) -> pd.DataFrame | NotMeasurable:
    """The silences that rules are judged by."""
    table = silences(study)
    if isinstance(table, NotMeasurable):
        return table
    gone_days = study.workbook.definitions.silence_days
    begin = int(np.datetime64(study.months[0], "D").astype("int64"))
    known = table["last_day"] + gone_days < int(study.until_day.astype("int64"))
    judged = table[known & (table["last_day"] >= begin) & table["limit_days"].notna()]
    if not (judged["silent_days"] >= np.minimum(gone_days, judged["closed_after"])).any():
        return NotMeasurable(
            "How good the early warning was",
            f"no account with a known rhythm fell silent for {gone_days} days in the months shown; choose more months_back.",
        )
    return judged.astype({"account_id": "category"})


def _by_account(account: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums by account; few silences have a value, so only these are looked at."""
    rows = np.flatnonzero(values)
    return np.bincount(account[rows], weights=values[rows], minlength=account.max(initial=0) + 1)


def judge_rules(table: pd.DataFrame, rules: dict[str, np.ndarray], *, gone_days: int) -> pd.DataFrame:
    """Compare rules on silences whose end is known.

    Parameters
    ----------
    table : account_id, silent_days, closed_after, as from `silences`.
    rules : name → limit of each silence: the rule warns when more days than that are silent.
    gone_days : silent days after which an account counts as gone; closed before that, it is gone, too.

    Returns
    -------
    One row a rule: rule, alarms (silences warned of before the account was gone), right (of these, gone in the
    end), precision (right / alarms; low and high: precision_low, precision_high), gone (silences that ended so),
    recall (right / gone; recall_low, recall_high), lead_days (mean days from the alarm to being gone, of those
    right; lead_low, lead_high). Intervals: 95 %, bootstrap over accounts, because one may fall silent more than
    once. NaN = nothing to divide by.

    >>> table = pd.DataFrame({"account_id": ["a", "a", "b"], "silent_days": [40, 5, 20], "closed_after": np.inf})
    >>> rules = {"own": np.array([3, 3, 60]), "plain": np.array([13, 13, 13])}
    >>> judge_rules(table, rules, gone_days=28)[["rule", "alarms", "right", "gone", "lead_days"]]
        rule  alarms  right  gone  lead_days
    0    own       2      1     1       24.0
    1  plain       2      1     1       14.0
    """
    event = np.minimum(gone_days, table["closed_after"].to_numpy(dtype="float64"))
    gone = table["silent_days"].to_numpy() >= event
    lasted = np.minimum(table["silent_days"].to_numpy(), event)
    account = pd.factorize(table["account_id"])[0]
    rows = []
    for rule, limits in rules.items():
        alarm = limits + 1  # the first silent day beyond the limit
        fired = (lasted >= alarm) & (alarm < event)
        right = fired & gone
        lead = np.where(right, event - alarm, 0)

        def ratio(numerator, denominator, account=account):
            k, n = (_by_account(account, v) for v in (numerator, denominator))
            low, high = bootstrap_ratio(k[n > 0], n[n > 0])
            return (k.sum() / n.sum() if n.sum() else np.nan), low, high

        rows.append((rule, fired.sum(), right.sum(), *ratio(right, fired), gone.sum(), *ratio(right, gone), *ratio(lead, right)))
    return pd.DataFrame(
        rows,
        columns=["rule", "alarms", "right", "precision", "precision_low", "precision_high", "gone", "recall",
                 "recall_low", "recall_high", "lead_days", "lead_low", "lead_high"],
    )  # fmt: skip
