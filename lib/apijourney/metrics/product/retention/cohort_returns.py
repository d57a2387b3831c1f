"""Which rows open a cohort, and in which periods after it did their accounts come back?

Unit: a start and a period. Arrays in, counts out, in one pass over the rows of each account. What a cohort, a return
and a period are is asked for in `retention`.
"""

import numpy as np
from numba import njit

from apijourney.localtime import DAY_US
from apijourney.metrics.product import periods


@njit(cache=True)
def cohort_rows(account, time, number, is_start, low, high, cohort):
    """Which rows open a cohort for their account? cohort: position in COHORTS."""
    found = np.empty(len(account), np.int64)
    n, started = 0, -1
    for e in range(len(account)):
        if not is_start[e]:
            continue
        first = started != account[e]  # the account's first start of all
        started = account[e]
        if time[e] < low or time[e] >= high or (cohort == 2 and not first):
            continue
        last = found[n - 1] if n else -1
        known = n > 0 and account[last] == account[e] and (cohort > 0 or number[last] == number[e])
        if not known:
            found[n] = e
            n += 1
    return found[:n]


@njit(cache=True)
def _pairs(account, number, is_back):
    """Sum rows up by account and period: (pair of each row, account, period, returns of each pair)."""
    pair_of = np.empty(len(account), np.int64)
    n = -1
    for e in range(len(account)):
        if e == 0 or account[e] != account[e - 1] or number[e] != number[e - 1]:
            n += 1
        pair_of[e] = n
    whose, when = np.empty(n + 1, account.dtype), np.empty(n + 1, np.int64)
    returns = np.zeros(n + 1, np.int64)
    for e in range(len(account)):
        whose[pair_of[e]], when[pair_of[e]] = account[e], number[e]
        returns[pair_of[e]] += is_back[e]
    return pair_of, whose, when, returns


def count_returns(
    log, number, opens, back, clock, period, first, n_cohorts, groups, minimum, *, same, after
) -> np.ndarray:
    """Count who came back: cohort × group of periods."""
    if not len(opens):
        return np.zeros((n_cohorts, len(groups)), dtype=np.int64)
    group_of = np.full(groups[-1][1] + 2, -1)
    for g, (a, b) in enumerate(groups):
        group_of[a : b + 1] = g
    is_back = periods.rows_of(log, back)
    spent = np.zeros(len(opens), np.int64)
    if clock == "rolling":
        length = DAY_US * {"D": 1, "W": 7}[period]
        position, weight, account = log.time, is_back.astype(np.int64), log.account
        since, origin = log.instant_starts()[opens], log.time[opens]  # a return may share the instant
        spent -= is_back[opens]  # but the start is not its own return
    else:
        length, origin = 1, number[opens]
        pair_of, account, position, weight = _pairs(log.account, number, is_back)
        pair = pair_of[opens]
        since = pair + 1
        if not same:  # within the cohort's own period only returns after the start count
            begin = log.instant_starts()[opens]
            end = np.searchsorted(pair_of, pair, side="right")
            total = np.append(0, np.cumsum(is_back))
            spent = total[end] - total[begin] - is_back[opens]
    return _returns(
        account, position, weight, log.account[opens], since, origin, spent, number[opens] - first,
        length, group_of, len(groups), minimum, same, after, n_cohorts,
    )  # fmt: skip


@njit(cache=True)
def _returns(
    account, position, weight, who, since, origin, spent, cohort, length, group_of, n_groups,
    minimum, same, after, n_cohorts,
):  # fmt: skip
    """Add up, for each start, the groups of periods in which its account came back."""
    counts = np.zeros((n_cohorts, n_groups), np.int64)
    seen = np.zeros(n_groups, np.int64)
    visited = np.empty(n_groups + 1, np.int64)
    for i in range(len(who)):
        n, g, top = 0, group_of[0], -1
        if g >= 0:
            seen[g] = minimum if same else spent[i]  # who started is there
            visited[0], n = g, 1
        e = since[i]
        while e < len(account) and account[e] == who[i]:
            k = position[e] - origin[i]
            if length > 1:
                k //= length
            if 0 <= k < len(group_of) and group_of[k] >= 0 and weight[e] > 0:
                g = group_of[k]
                if seen[g] == 0 and (n == 0 or visited[n - 1] != g):
                    visited[n] = g
                    n += 1
                seen[g] += weight[e]
            e += 1
        for v in range(n):
            g = visited[v]
            if seen[g] >= minimum:
                top = max(top, g)
                if not after:
                    counts[cohort[i], g] += 1
            seen[g] = 0
        if after:
            counts[cohort[i], : top + 1] += 1
    return counts
