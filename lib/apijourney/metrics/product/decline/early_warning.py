"""Early warning: which accounts have fallen silent, measured by their own rhythm, and how good is that warning?

Unit: a silence: the whole local days between two active days of an account, or since its last one. Its limit is
three times the longest of the account's last 60 silences, the longest one in twenty left out, and at least
three days. So an account that calls daily is warned of after three days, one that calls weekly after weeks. An
account counts as gone after `definitions.silence_days` silent days, or when it is closed. It does not say why.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.periods import account_periods

LEAST_SILENCES, LAST_SILENCES = 20, 60
LEFT_OUT_OF = 20
TIMES, LEAST_LIMIT_DAYS = 3, 3
_CHUNK = 200_000


@remembered
@needs("active", what="Early warning")
def silences(study) -> pd.DataFrame:
    """Every silence of every account, and the limit that its silences before it had set.

    Returns
    -------
    One row an active day of an account, by account and day: account_id, last_day (the active day the silence
    follows; days since 1970), active_days (so far), silent_days (0 = active the day after; up to
    `observed_until` if it is not over), goes_on, usual_days (the longest of the account's last 60 silences,
    one in twenty left out) and limit_days (NaN = fewer than 20 silences before it, no rhythm is known),
    closed_after (days from the last active day to the closing; inf = not closed in it).
    """
    account, day = account_periods(study.active_log, None, "D", study.zone)
    follows = np.append(account[1:] == account[:-1], False)[: len(day)]
    end = int(study.until_day.astype("int64"))
    silent = np.append(np.diff(day), 0)[: len(day)] - 1
    silent = np.where(follows, silent, end - 1 - day)
    starts = np.append(True, account[1:] != account[:-1])[: len(day)]
    first = np.flatnonzero(starts)
    before = np.arange(len(day)) - np.repeat(first, np.diff(np.append(first, len(day))))  # silences before this one
    usual = _usual(silent, before)
    closed = _closed_days(study)[account] - day
    closes = ~follows & (closed >= 0)
    table = pd.DataFrame({"account_id": study.active_log.accounts.take(account), "last_day": day})
    return table.assign(
        active_days=before + 1, silent_days=silent, goes_on=~follows, usual_days=usual,
        limit_days=limit_days(usual),
        closed_after=np.where(closes, closed, np.inf),
    )  # fmt: skip


def limit_days(usual_days: np.ndarray, times: float = TIMES) -> np.ndarray:
    """After more silent days than these an account is warned of. NaN = no rhythm is known."""
    return np.maximum(times * usual_days, LEAST_LIMIT_DAYS)


def _usual(silent: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Of the last 60 silences before each one, the longest, when the longest one in twenty is left out."""
    usual = np.full(len(silent), np.nan)
    known = np.flatnonzero(before >= LEAST_SILENCES)
    for part in np.array_split(known, max(1, len(known) // _CHUNK)):
        at = part[:, None] - np.arange(1, LAST_SILENCES + 1)
        own = np.arange(LAST_SILENCES) < before[part][:, None]
        window = np.sort(np.where(own, silent[np.maximum(at, 0)], -1), axis=1)
        left_out = np.minimum(before[part], LAST_SILENCES) // LEFT_OUT_OF
        usual[part] = window[np.arange(len(part)), LAST_SILENCES - 1 - left_out]
    return usual


def _closed_days(study) -> np.ndarray:
    """The local day each unit of the active log was closed as an account; inf = it was not."""
    out = np.full(len(study.active_log.accounts), np.inf)
    if study.accounts.empty:
        return out
    closed = study.accounts.drop_duplicates("account_id").set_index("account_id")["closed_at"]
    closed = closed.reindex(study.active_log.accounts)
    known = closed.notna().to_numpy()
    micros = closed[known].to_numpy().astype("datetime64[us]").astype("int64")
    out[known] = local_days(micros, study.zone).astype("int64")
    return out


@remembered
def early_warnings(study, *, times: float = TIMES) -> pd.DataFrame | NotMeasurable:
    """Which accounts are silent for longer than their own rhythm explains?

    times : the limit as a multiple of the usual silence; it is at least three days.
    Left out are accounts with fewer than 20 silences before the present one, because their rhythm is not
    known; closed ones; and those silent for twice `definitions.silence_days`: they are gone, not late.

    Returns
    -------
    One row an account watched, those warned of first, the most used first: account_id, name, owner (empty =
    unknown), active_days, usual_days, limit_days, silent_days (see `silences`), last_active_on (local day),
    warned (silent_days > limit_days).
    """
    table = silences(study)
    if isinstance(table, NotMeasurable):
        return table
    table = table.assign(limit_days=limit_days(table["usual_days"].to_numpy(), times))
    table = _watched(table[table["goes_on"]], study.workbook.definitions.silence_days)
    table = table.assign(last_active_on=table["last_day"].to_numpy().astype("datetime64[D]").astype("datetime64[s]"))
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    for column in ("name", "owner"):
        known = table["account_id"].map(accounts[column]) if len(accounts) else pd.Series(pd.NA, index=table.index)
        table[column] = known.astype("str").where(known.notna(), "")
    table = table.sort_values(["warned", "active_days", "account_id"], ascending=[False, False, True], ignore_index=True)
    numbers = ["active_days", "usual_days", "limit_days", "silent_days"]
    table = table.astype({c: "int64" for c in numbers})
    return table[["account_id", "name", "owner", *numbers, "last_active_on", "warned"]]


def warned_accounts(table: pd.DataFrame | NotMeasurable) -> pd.DataFrame | NotMeasurable:
    """Only the accounts warned of, without the mark. table : from `early_warnings`."""
    if isinstance(table, NotMeasurable):
        return table
    return table[table["warned"]].drop(columns="warned").reset_index(drop=True)


def _watched(last: pd.DataFrame, silence_days: int) -> pd.DataFrame:
    """Of the last silence of each account, those that are watched, with the mark warned."""
    watched = last["limit_days"].notna() & (last["silent_days"] < 2 * silence_days) & np.isinf(last["closed_after"])
    return last.assign(warned=last["silent_days"] > last["limit_days"])[watched]


def warned_by_month(study) -> pd.DataFrame | NotMeasurable:
    """At the end of each month shown, how many accounts were watched, and how many warned of?

    Returns one row a month: month, watched, warned. What came later is not used, but for data that arrived late.
    """
    table = silences(study)
    if isinstance(table, NotMeasurable):
        return table
    rows = []
    for month in study.months:
        end = int((np.datetime64(month, "M") + 1).astype("datetime64[D]").astype("int64"))
        last = table[table["last_day"] < end].drop_duplicates("account_id", keep="last")
        then = last.assign(
            silent_days=end - 1 - last["last_day"],
            closed_after=last["closed_after"].where(last["last_day"] + last["closed_after"] < end, np.inf),
        )
        watched = _watched(then, study.workbook.definitions.silence_days)
        rows.append((month, len(watched), int(watched["warned"].sum())))
    return pd.DataFrame(rows, columns=["month", "watched", "warned"])
