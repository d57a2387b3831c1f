"""Findings: the few sentences that claim something, made only when the data carry the claim.

A difference between groups is claimed when it is unlikely to be chance even after looking at all
groups (q below 0.001), when it is large (10 points or more), and when neither the group nor the
rest is tiny (20 accounts or more). A quiet month has no findings, and that is a result too.
"""

import pandas as pd

from apijourney.formats import interval, month_name, number, percent
from apijourney.measurable import passes_on

Q_LIMIT, LEAST_DIFFERENCE, LEAST_ACCOUNTS = 0.001, 0.10, 20
WHALE_SHARE = 0.20


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
    return f"{when}{': ' if when else ''}{' '.join(sentences)}" if sentences else ""


@passes_on
def find_broken_promise(table: pd.DataFrame, *, slo: float) -> str:
    """Name the months that broke the promise beyond doubt (upper bound below it) and by far (more than
    three times the failures it allows).

    table : month, value, low, high, from the metric "availability".
    """
    broken = table[(table["high"] < slo) & (1 - table["value"] > 3 * (1 - slo))]
    if broken.empty:
        return ""
    sentences = [
        f"in {month_name(row.month)} only **{percent(row.value)}** of the valid calls were answered well "
        f"(95 % interval {interval(row.low, row.high, 'share')})"
        for row in broken.itertuples()
    ]
    first, last = (month_name(table["month"].iloc[i]) for i in (0, -1))
    return (
        f"Between {first} and {last}, the promised availability of {percent(slo)} was broken: "
        f"{'; '.join(sentences)}."
    )


@passes_on
def find_whale(ranked: pd.DataFrame, with_all: pd.DataFrame, without: pd.DataFrame) -> str:
    """Say what one large account hides.

    ranked : from `revenue_shares`; with_all, without : from `net_revenue_retention`, one row each,
    of all accounts and of all but the largest. Empty below a fifth of the MRR.
    """
    if ranked.empty or ranked["share"].iloc[0] < WHALE_SHARE:
        return ""
    largest = ranked.iloc[0]
    text = f"One account, {largest['account_id']}, brings **{percent(largest['share'])}** of the MRR."
    now, other = with_all.iloc[0], without.iloc[0]
    if pd.isna(now["nrr"]) or pd.isna(other["nrr"]) or now["nrr"] <= other["nrr"]:
        return text
    return (
        f"{text} With it net revenue retention is {percent(now['nrr'])} (95 % interval "
        f"{interval(now['nrr_low'], now['nrr_high'], 'share')}, n = {number(now['accounts'])}); without it "
        f"**{percent(other['nrr'])}** (95 % interval {interval(other['nrr_low'], other['nrr_high'], 'share')}, "
        f"n = {number(other['accounts'])} accounts)."
    )
