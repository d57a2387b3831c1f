"""The activation threshold in words: what marks the accounts that stay, and how sure is that?"""

import pandas as pd

from apijourney.formats import counted, is_missing, number, percent, points, q_value
from apijourney.measurable import passes_on
from apijourney.metrics.product.activation.thresholds import IN_USE, LEAST_ACCOUNTS, P_LIMIT


def threshold_name(row) -> str:
    """Name a threshold as one would say it.

    >>> threshold_name({"behaviour": "calls", "least": 10, "days": 7})
    'calls: 10 or more in the first 7 days'
    >>> threshold_name({"behaviour": "docs page", "least": 1, "days": 1})
    'docs page: at least once on the first day'
    """
    often = "at least once" if row["least"] == 1 else f"{number(row['least'])} or more"
    return f"{row['behaviour']}: {often} {'on the first day' if row['days'] == 1 else 'in the first ' + number(row['days']) + ' days'}"


@passes_on
def read_threshold(judged: pd.DataFrame) -> str:
    """Say what marks the accounts that stay, judged on later sign-ups. judged : from `judged_thresholds`."""
    best = judged.iloc[0]
    if best["p_chosen"] > P_LIMIT:
        return (
            f"No early use goes together with staying beyond chance: the strongest candidate has p = {q_value(best['p_chosen'])}, "
            "all candidates allowed for."
        )
    name = threshold_name(best)
    span = f"accounts that signed up from {best['from_day']:%Y-%m-%d} to {best['to_day']:%Y-%m-%d}"
    if is_missing(best["difference"]):
        return (
            f"On the earlier sign-ups “{name}” marked those that stay best. It cannot be judged yet: fewer than "
            f"{LEAST_ACCOUNTS} of the {span} reached it, or did not."
        )
    if best["low"] <= 0:
        return (
            f"On the earlier sign-ups “{name}” marked those that stay best, but not beyond chance on the later ones "
            f"({points(best['difference'])}, 95 % interval {points(best['low'])} to {points(best['high'])})."
        )
    between = "" if is_missing(best["lift_low"]) else f"{number(best['lift_low'], 1)} to {number(best['lift_high'], 1)}"
    lift = "" if is_missing(best["lift"]) else f", {number(best['lift'], 1)} times as many"
    return (
        f"The mark of those that stay is **{name}**. Of the {span}, **{percent(best['reached_share'])}** of the "
        f"{number(best['reached'])} that reached it stayed, and **{percent(best['others_share'])}** "
        f"of the {number(best['others'])} others{lift}{f' (95 % interval {between})' if between and lift else ''}. This is an association."
    )


@passes_on
def read_own_rule(judged: pd.DataFrame) -> str:
    """Say whether the workbook's definition of activated does as well. Empty where that is not known."""
    mine, best = judged[judged["which"] == IN_USE], judged.iloc[0]
    if best["p_chosen"] > P_LIMIT:
        return ""
    if best["in_use"] and best["low"] > 0:
        return "It is what the workbook file calls activated: keep it."
    if mine.empty or is_missing(mine["behind"].iloc[0]):
        return ""
    row = mine.iloc[0]
    if row["behind_low"] > 0:
        verdict = "**less well**: consider the mark for `definitions.activated`"
    elif row["behind_high"] < 0:
        verdict = "**better**: keep it"
    else:
        verdict = "about as well: no reason to change it"
    return (
        f"The workbook file's own “{threshold_name(row)}” does {verdict} (correlation with staying {row['strength']:.2f}, the mark's "
        f"{judged['strength'].iloc[0]:.2f}; 95 % interval of the difference {-row['behind_high']:.2f} to {-row['behind_low']:.2f})."
    )


@passes_on
def read_family(table: pd.DataFrame) -> str:
    """Say how many candidates were looked at, and how many are beyond chance. table : from `thresholds`."""
    sure = int((table["p"] <= P_LIMIT).sum())
    n = int(table["reached"].iloc[0] + table["others"].iloc[0])
    return (
        f"{counted(len(table), 'candidate')} were compared on {counted(n, 'account')}, the earlier half of the sign-ups; "
        f"{number(sure)} of them are beyond chance, all of them allowed for (p ≤ {P_LIMIT:g})."
    )
