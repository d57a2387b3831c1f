"""For which months does a credit or a refund count that does not say so?

Unit: a credit or refund without service dates. It takes back what its account has paid ahead: it is laid over the months
that remain, from that of its issue on, of the line that runs on that day. Where no line runs it stays in its month of
issue. It does not know why the money went back.
"""

import numpy as np
import pandas as pd

from apijourney.facts.money.lines import TAKES_AWAY
from apijourney.facts.money.months import local_dates
from apijourney.facts.money.service_months import service_months


def with_credit_periods(lines: pd.DataFrame, *, amount: str = "amount_minor", timezone: str = "UTC") -> pd.DataFrame:
    """Give credits and refunds without service dates those of what they take back.

    The rule. The running line is the account's latest charge of the kind it credits, in its currency, and of its product
    where that has one, issued no later than the credit and with months left from that of the credit on. An amount that
    covers all months after that of the issue, and no more than what remains, takes these back whole and the rest from the
    month of issue: the account has left, and its last month is charged in part. Any other amount is split evenly.

    Parameters
    ----------
    lines : all lines of the accounts: account_id, issued_at (UTC), kind and the column `amount`, and where known
        credits_kind, currency, product, service_start, service_end (local dates, end excluded).
    timezone : the zone whose days and months count.

    Returns
    -------
    The lines with service_start and service_end filled where a running line was found. One that covers more than a month's
    worth is parted in two rows, the second marked in `continues` (bool; False elsewhere).

    >>> lines = pd.DataFrame({"account_id": "a", "issued_at": pd.to_datetime(["2025-07-01", "2026-01-20"]),
    ...     "service_start": ["2025-07-01", None], "service_end": ["2026-07-01", None], "amount_minor": [1200, -550],
    ...     "kind": ["subscription", "refund"], "credits_kind": [None, "subscription"]})
    >>> with_credit_periods(lines).loc[1:, ["service_start", "service_end", "amount_minor"]].astype("str").values.tolist()
    [['2026-02-01', '2026-07-01', '-500'], ['2026-01-01', '2026-02-01', '-50']]
    """
    lines = lines.reset_index(drop=True).assign(continues=False)
    if not {"credits_kind", "service_start", "service_end"} <= set(lines.columns):
        return lines
    dated = lines["service_start"].notna()
    asking = np.flatnonzero(lines["kind"].isin(TAKES_AWAY) & ~dated & lines["credits_kind"].notna() & lines["account_id"].notna())
    if not len(asking):
        return lines
    first, covered = service_months(lines, timezone)
    issued = local_dates(lines["issued_at"], timezone, instants=True)
    month = issued.astype("datetime64[M]").astype("int64")
    charges = lines[lines["account_id"].isin(lines.loc[asking, "account_id"]) & ~lines["kind"].isin(TAKES_AWAY) & dated]
    of_account = charges.groupby("account_id").indices
    amounts, periods, rests = lines[amount].to_numpy("int64").copy(), {}, []
    for i in asking:
        own = charges.index[of_account.get(lines["account_id"][i], [])]
        line = _running(lines, own, i, last=first + covered - 1, month=month, issued=issued)
        if line is None:
            continue
        begin, end = max(first[line], month[i]), first[line] + covered[line]
        share, remainder = divmod(abs(int(amounts[line])), int(covered[line]))
        worth = [share + (n - first[line] < remainder) for n in range(begin, end)]  # as the line itself is split
        sign, back, later = -1 if amounts[i] < 0 else 1, abs(int(amounts[i])), sum(worth[1:])
        if 0 < later <= back <= sum(worth):
            amounts[i], rest = sign * later, sign * (back - later)
            if rest:
                rests.append((i, rest, begin))
            begin += 1
        periods[i] = (begin, end)
    return _filled(lines.assign(**{amount: amounts}), periods, rests, amount)


def _running(lines: pd.DataFrame, own, credit: int, *, last, month, issued):
    """The row of the line a credit takes back; None if there is none."""
    kind, product = lines["credits_kind"][credit], lines["product"][credit] if "product" in lines else None
    fits = [n for n in own if lines["kind"][n] == kind and issued[n] <= issued[credit] and last[n] >= month[credit]]
    if "currency" in lines:
        fits = [n for n in fits if _text(lines["currency"][n]) == _text(lines["currency"][credit])]
    same = [n for n in fits if _text(product) and _text(lines["product"][n]) == _text(product)]
    return max(same or fits, key=lambda n: (issued[n], n), default=None)


def _text(value) -> str:
    return "" if pd.isna(value) else str(value)


def _filled(lines: pd.DataFrame, periods: dict, rests: list, amount: str) -> pd.DataFrame:
    def day(number: int):
        return np.datetime64(int(number), "M").astype("datetime64[D]").astype(object)

    lines = lines.astype({"service_start": "object", "service_end": "object"})
    for i, (begin, end) in periods.items():
        lines.loc[i, ["service_start", "service_end"]] = [day(begin), day(end)]
    if rests:
        more = lines.loc[[i for i, _, _ in rests]].copy()
        more[amount] = [rest for _, rest, _ in rests]
        more["service_start"], more["service_end"] = ([day(b + k) for _, _, b in rests] for k in (0, 1))
        lines = pd.concat([lines, more.assign(continues=True)], ignore_index=True)
    return lines
