"""Findings: the few sentences that claim something, made only when the data carry the claim.

A difference between groups is claimed when it is unlikely to be chance even after looking at all
groups (q below 0.001), when it is large (10 points or more), and when neither the group nor the
rest is tiny (20 accounts or more). A quiet month has no findings, and that is a result too.

Each carries its weight, by which the report's cover orders them: the revenue it concerns, and where it concerns
none, the accounts. The weight says how much hangs on it, not how sure or how urgent it is.
"""

import math

import pandas as pd

from apijourney.formats import interval, number, percent
from apijourney.measurable import passes_on

Q_LIMIT, LEAST_DIFFERENCE, LEAST_ACCOUNTS = 0.001, 0.10, 20
WHALE_SHARE = 0.20


class Finding(str):
    """A verdict, and what it concerns: mrr_minor (MRR in minor units, NaN = not about revenue) and accounts."""

    def __new__(cls, text: str, *, mrr_minor: float = math.nan, accounts: float = 0):
        made = super().__new__(cls, text)
        made.mrr_minor, made.accounts = float(mrr_minor), int(accounts)
        return made


@passes_on
def find_groups(table: pd.DataFrame, *, group: str, does: str, when: str = "") -> str:
    """Name the groups whose rate is far from that of all other accounts.

    table : from `rate_by`. group : what a group is ("sign-ups from the channel"); does : what the
    rate says they do ("are activated"); when : the time the accounts are of. Returns Markdown; empty where nothing can be claimed.
    """
    ranked = table.assign(gap=(table["value"] - table["others"]).abs()).sort_values("gap", ascending=False)
    claimed = ranked[
        (ranked["q"] < Q_LIMIT)
        & (ranked["gap"] >= LEAST_DIFFERENCE)
        & (ranked["denominator"] >= LEAST_ACCOUNTS)
        & (ranked["others_n"] >= LEAST_ACCOUNTS)
    ]
    if len(table) == 2:  # the two say the same thing: the higher one speaks
        claimed = claimed.sort_values("value", ascending=False).head(1)
    sentences = []
    for row in claimed.itertuples():
        word = "fewer" if row.value < row.others else "more"
        sentences.append(
            f"**{percent(row.value)}** of {group} “{row.group}” {does} (95 % interval "
            f"{interval(row.low, row.high, 'share')}, n = {number(row.denominator)}), {word} than the "
            f"{percent(row.others)} of the {number(row.others_n)} others."
        )
    text = f"{when}{': ' if when else ''}{' '.join(sentences)}" if sentences else ""
    return Finding(text, accounts=claimed["denominator"].sum())


def called(account_id: str, names: dict[str, str] | None) -> str:
    """An account as a reader knows it: its name and its id, or the id alone.

    >>> called("acc_7", {"acc_7": "Acme"}), called("acc_8", {"acc_7": "Acme"})
    ('Acme (acc_7)', 'acc_8')
    """
    name = (names or {}).get(account_id, "")
    return f"{name} ({account_id})" if name and name != account_id else account_id


@passes_on
def find_whale(ranked: pd.DataFrame, with_all: pd.DataFrame, without: pd.DataFrame, *, names: dict[str, str] | None = None) -> str:
    """Say what one large account hides.

    names : account_id → name, where they are known.
    ranked : from `revenue_shares`; with_all, without : from `net_revenue_retention`, one row each,
    of all accounts and of all but the largest. Empty below a fifth of the MRR.
    """
    if ranked.empty or ranked["share"].iloc[0] < WHALE_SHARE:
        return ""
    largest = ranked.iloc[0]
    weight = {"mrr_minor": largest["mrr_minor"], "accounts": 1}
    text = Finding(f"One account, {called(largest['account_id'], names)}, brings **{percent(largest['share'])}** of the MRR.", **weight)
    now, other = with_all.iloc[0], without.iloc[0]
    if pd.isna(now["nrr"]) or pd.isna(other["nrr"]) or now["nrr"] <= other["nrr"]:
        return text
    return Finding(
        f"{text} With it net revenue retention is {percent(now['nrr'])} (95 % interval "
        f"{interval(now['nrr_low'], now['nrr_high'], 'share')}, n = {number(now['accounts'])}); without it "
        f"**{percent(other['nrr'])}** (95 % interval {interval(other['nrr_low'], other['nrr_high'], 'share')}, "
        f"n = {number(other['accounts'])} accounts).",
        **weight,
    )
