"""Slow definitions of the metrics of staying: loops over the days on which each account was active."""

import math

import pandas as pd
from brute_force.common import MONTHS, UNTIL, ZONE, active_calls, created_accounts

SILENCE_DAYS = 28  # of a workbook file that does not say
TODAY = UNTIL.tz_convert(ZONE).tz_localize(None)
DAY = pd.Timedelta(days=1)


def _active_days(raw) -> dict[str, list[pd.Timestamp]]:
    days: dict[str, set] = {}
    for row in active_calls(raw)[["account_id", "day"]].drop_duplicates().itertuples():
        days.setdefault(row.account_id, set()).add(pd.Timestamp(row.day))
    return {account: sorted(found) for account, found in days.items()}


def _beginners(raw) -> dict[str, list[pd.Timestamp]]:
    opened = set(created_accounts(raw)["account_id"])
    return {account: days for account, days in _active_days(raw).items() if account in opened}


def _month(day: pd.Timestamp) -> str:
    return day.strftime("%Y-%m")


def _next(month: str, k: int = 1) -> str:
    return str(pd.Period(month) + k)


def _begins(month: str) -> pd.Timestamp:
    return pd.Timestamp(f"{month}-01")


def day_30_retention(raw):
    out = []
    for month in MONTHS:
        cohort = [days for days in _beginners(raw).values() if _month(days[0]) == month]
        is_open = any(days[0] + 31 * DAY > TODAY for days in cohort)
        back = sum(any(24 <= (d - days[0]).days <= 30 for d in days) for days in cohort)
        out.append(math.nan if is_open or not cohort else back / len(cohort))
    return out


def rolling_retention(raw):
    out = []
    for month in MONTHS:
        cohort = [days for days in _beginners(raw).values() if _month(days[0]) == month]
        is_open = _begins(_next(month, 2)) + SILENCE_DAYS * DAY > TODAY
        back = sum(_month(days[-1]) > month for days in cohort)
        out.append(math.nan if is_open or not cohort else back / len(cohort))
    return out


def _calls(raw) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in active_calls(raw)[["account_id", "month"]].itertuples():
        key = (row.account_id, row.month)
        found[key] = found.get(key, 0) + 1
    return found


def usage_retention(raw):
    calls, out = _calls(raw), []
    for month in MONTHS:
        before = _next(month, -1)
        same = {account for account, m in calls if m == before}
        a_day = {
            m: sum(calls.get((account, m), 0) for account in same) / pd.Period(m).days_in_month for m in (before, month)
        }
        out.append(a_day[month] / a_day[before])
    return out


def recurring_usage(raw):
    calls, out = _calls(raw), []
    for month in MONTHS:
        of_month = {account: n for (account, m), n in calls.items() if m == month}
        steady = [n for account, n in of_month.items() if all((account, _next(month, -k)) in calls for k in (1, 2))]
        out.append(sum(steady) / sum(of_month.values()))
    return out


def power_user_share(raw):
    out = []
    for month in MONTHS:
        end = _begins(_next(month))
        counts = [sum(end - 28 * DAY <= d < end for d in days) for days in _active_days(raw).values()]
        active = [n for n in counts if n]
        out.append(sum(n >= 21 for n in active) / len(active))
    return out


def _silences(days: list[pd.Timestamp]) -> list[tuple[pd.Timestamp, int, bool]]:
    """(first silent day, silent days, did an active day end it?) of one account."""
    ends = [*days[1:], TODAY]
    return [(d + DAY, (e - d).days - 1, i < len(days) - 1) for i, (d, e) in enumerate(zip(days, ends, strict=True))]


def silence_limit(raw) -> int:
    every = [s for days in _active_days(raw).values() for s in _silences(days)]
    for limit in range(1, 600):
        judged = [s for s in every if s[1] > limit and s[0] + (2 * limit + 1) * DAY <= TODAY]
        assert len(judged) >= 20, "the simulated company must have silences enough to choose a limit"
        if sum(returned for *_, returned in judged) <= 0.05 * len(judged):
            return limit
    raise AssertionError


def account_survival_6m(raw):
    limit, out = silence_limit(raw), []
    for month in MONTHS:
        end = _begins(_next(month))
        horizon, seen = end - limit * DAY, []
        for days in _beginners(raw).values():
            days = [d for d in days if d < end]
            if not days or days[0] >= horizon:
                continue
            gone = [d + DAY for d, later in zip(days, [*days[1:], end], strict=True) if (later - d).days - 1 > limit]
            seen.append((((gone[0] if gone else horizon) - days[0]).days, bool(gone)))
        alive = 1.0
        for age in sorted({t for t, ended in seen if ended and t <= 182}):
            alive *= 1 - sum(t == age and ended for t, ended in seen) / sum(t >= age for t, _ in seen)
        out.append(alive if sum(t >= 182 for t, _ in seen) >= 5 else math.nan)
    return out
