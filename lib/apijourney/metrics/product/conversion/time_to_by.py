"""Who gets there faster: does the time to a milestone differ between groups of accounts?

Unit: an account created in the observed interval, from its opening to its first successful call, or to its
first successful production call. Accounts still on their way count for as long as they were watched.
A group differs from another in more than its name, so a difference is an association. It does not say
which step of the way is slow: the funnel does.
"""

import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.remember import remembered
from apijourney.localtime import DAY_US
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import CALLS, FIRST_SUCCESS, PRODUCTION_SUCCESS, opened_and
from apijourney.metrics.product.conversion.time_to import durations, is_steady, time_to
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson

MILESTONES = {"first successful call": FIRST_SUCCESS, "first production call": PRODUCTION_SUCCESS}
GROUPINGS = {"segment": "entry_segment", "channel": "channel"}
FAMILY = [(milestone, by) for milestone in MILESTONES for by in GROUPINGS]
"""The questions asked at once: each milestone by each grouping."""


def _group_of(study, by: str) -> pd.Series:
    if by not in GROUPINGS:
        raise unknown("grouping", by, GROUPINGS, where="by")
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    return accounts[GROUPINGS[by]].dropna().astype("str")


@remembered
@needs("accounts", "requests", *CALLS, what="Time to a milestone by group")
def _parts(study, milestone: str, by: str) -> dict | NotMeasurable:
    """The event log of each group with at least `definitions.min_n` accounts, in the order of their names."""
    if milestone not in MILESTONES:
        raise unknown("milestone", milestone, MILESTONES)
    log = opened_and(study, MILESTONES[milestone], name=milestone)
    group = pd.Series(log.accounts.astype("str")).map(_group_of(study, by)).to_numpy(dtype=object)
    started = np.zeros(len(log.accounts), dtype=bool)
    started[log.account[log.mask("account_created")]] = True
    sizes = pd.Series(group[started]).value_counts()
    names = sorted(sizes.index[sizes >= study.workbook.definitions.min_n])
    if len(names) < 2:
        return NotMeasurable(
            f"Time to the {milestone} by {by}",
            f"fewer than two groups have enough accounts; fill accounts.{by}, or choose all segments.",
        )
    return {name: log.select((group == name)[log.account]) for name in names}


def time_to_by(study, milestone: str, by: str) -> dict[str, pd.DataFrame] | NotMeasurable:
    """Which share of each group has reached a milestone after so many days?

    milestone : "first successful call" or "first production call". by : "segment" (at sign-up) or "channel".
    Returns group → table of `time_to`; groups with fewer than `definitions.min_n` accounts are left out.
    """
    parts = _parts(study, milestone, by)
    if isinstance(parts, NotMeasurable):
        return parts
    return {n: time_to(p, "account_created", milestone, observed_until=study.observed_until) for n, p in parts.items()}


def reached_by_day(study, milestone: str, by: str, *, days: int = 7) -> pd.DataFrame | NotMeasurable:
    """Of the accounts of each group, which share has reached a milestone within so many days?

    Only accounts opened at least so many days (of 24 hours) before the end of observation count.

    Returns
    -------
    One row a group, by name: group, value, low, high (Wilson), numerator, denominator, immature (accounts
    watched for less), median_days (Kaplan-Meier, of all of them; NaN = half have not got there, or too few were
    watched that long, see `time_to_summary`). NaN in value = fewer than `definitions.min_n` were watched long enough.
    """
    parts = _parts(study, milestone, by)
    if isinstance(parts, NotMeasurable):
        return parts
    curves = time_to_by(study, milestone, by)
    rows = []
    for name, part in parts.items():
        seconds, reached = durations(part, "account_created", milestone, observed_until=study.observed_until)
        start = part.time[part.mask("account_created")]
        first = np.unique(part.account[part.mask("account_created")], return_index=True)[1]
        watched = start[first] + days * DAY_US <= study.observed_until
        hit = int((reached & (seconds <= days * 86_400) & watched).sum())
        half = curves[name].loc[curves[name]["reached"] >= 0.5 - 1e-12, "days"]
        known = len(half) and is_steady(seconds, reached, pd.Timedelta(seconds=round(half.iloc[0] * 86_400)))
        rows.append((name, hit, int(watched.sum()), int((~watched).sum()), half.iloc[0] if known else np.nan))
    table = pd.DataFrame(rows, columns=["group", "numerator", "denominator", "immature", "median_days"])
    enough = table["denominator"] >= study.workbook.definitions.min_n
    n = table["denominator"].where(enough, 0)
    low, high = wilson(table["numerator"], n)
    value = (table["numerator"] / n.replace(0, np.nan)).astype(float)
    table = table.assign(value=value, low=low, high=high)
    return table[["group", "value", "low", "high", "numerator", "denominator", "immature", "median_days"]]


def log_rank(study) -> pd.DataFrame | NotMeasurable:
    """Do the groups get there at different speed at all? One test a question, all questions one family.

    Returns
    -------
    One row a question of `FAMILY`: milestone, by, groups, accounts, statistic (log-rank, chi-squared),
    degrees (of freedom), p, q (Benjamini-Hochberg over the rows). Questions without two groups are left out.

    Source: Mantel (1966), Cancer Chemotherapy Reports 50, 163-170; computed by lifelines.
    """
    from lifelines.statistics import multivariate_logrank_test

    rows, why = [], None
    for milestone, by in FAMILY:
        waits = _waits(study, milestone, by)
        if isinstance(waits, NotMeasurable):
            why = waits
            continue
        found = multivariate_logrank_test(waits["seconds"], waits["group"], waits["reached"])
        groups = waits["group"].nunique()
        rows.append((milestone, by, groups, len(waits), float(found.test_statistic), groups - 1, float(found.p_value)))
    if not rows:
        return why
    table = pd.DataFrame(rows, columns=["milestone", "by", "groups", "accounts", "statistic", "degrees", "p"])
    return table.assign(q=benjamini_hochberg(table["p"]))


def log_rank_pairs(study) -> pd.DataFrame | NotMeasurable:
    """Which two groups differ? Every pair of every question of `FAMILY`, all pairs one family.

    Returns milestone, by, one, other, one_n, other_n, p, q (Benjamini-Hochberg over all rows), the smallest q
    first.
    """
    from lifelines.statistics import pairwise_logrank_test

    rows, why = [], None
    for milestone, by in FAMILY:
        waits = _waits(study, milestone, by)
        if isinstance(waits, NotMeasurable):
            why = waits
            continue
        size = waits["group"].value_counts()
        found = pairwise_logrank_test(waits["seconds"], waits["group"], waits["reached"])
        for (one, other), p in zip(found.name, np.atleast_1d(found.p_value), strict=True):
            rows.append((milestone, by, one, other, int(size[one]), int(size[other]), float(p)))
    if not rows:
        return why
    table = pd.DataFrame(rows, columns=["milestone", "by", "one", "other", "one_n", "other_n", "p"])
    table = table.assign(q=benjamini_hochberg(table["p"]))
    return table.sort_values(["q", "p", "milestone", "by", "one", "other"], ignore_index=True)


def _waits(study, milestone: str, by: str) -> pd.DataFrame | NotMeasurable:
    """group, seconds, reached: one row an account."""
    parts = _parts(study, milestone, by)
    if isinstance(parts, NotMeasurable):
        return parts
    frames = []
    for name, part in parts.items():
        seconds, reached = durations(part, "account_created", milestone, observed_until=study.observed_until)
        frames.append(pd.DataFrame({"group": name, "seconds": seconds, "reached": reached}))
    return pd.concat(frames, ignore_index=True)
