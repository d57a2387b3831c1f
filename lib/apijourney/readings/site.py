"""The site in words: what is read, what is searched in vain, who goes on to call, where newcomers go.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, month_name, number, percent
from apijourney.measurable import passes_on
from apijourney.metrics.product.discovery.first_steps import SEARCH_FIRST
from apijourney.metrics.product.conversion.paths import END
from apijourney.readings.findings import LEAST_ACCOUNTS, LEAST_DIFFERENCE, Q_LIMIT, Finding


@passes_on
def read_docs_pages(table: pd.DataFrame, *, span: str) -> str:
    """Say which page is read most, and after which page readers go on to a successful call most and least often.

    table : from `docs_pages`. span : the months shown, in words.
    """
    read = table[table["readers"] > 0]
    if read.empty:
        return f"Nobody read a page of the docs in {span}."
    top = read.iloc[0]
    text = f"From {span}, “{top['page']}” had the most readers: **{number(top['readers'])}**."
    names = read["endpoints"] != "any"
    for kind, part in (("that name an endpoint, a first success with it", read[names]), ("that name none, a first success", read[~names])):
        known = part[part["value"].notna()]
        if len(known) >= 2:
            best, worst = known.loc[known["value"].idxmax()], known.loc[known["value"].idxmin()]
            text += (
                f" Of the pages {kind} followed within 7 days most often on “{best['page']}” ({_share(best)}), least often "
                f"on “{worst['page']}” ({_share(worst)})."
            )
    return text


def _share(row) -> str:
    return (
        f"**{percent(row['value'])}**; 95 % interval {interval(row['low'], row['high'], 'share')}; "
        f"n = {number(row['denominator'])} readers"
    )


@passes_on
def read_links(table: pd.DataFrame, *, month: str) -> str:
    """Say how many links of the docs are broken, as the pages were read for a month. table : from `docs_pages`."""
    known = table[table["broken_links"].notna()]
    broken = known[known["broken_links"] > 0]
    if known.empty:
        return ""
    text = f"In the pages as they stand in the report on {month_name(month)}, {counted(int(known['broken_links'].sum()), 'link')} lead nowhere"
    worst = broken.sort_values("broken_links", ascending=False, kind="stable").head(3)
    listed = ", ".join(f"“{r.page}” ({number(r.broken_links)}; {number(r.readers)} readers)" for r in worst.itertuples())
    return f"{text}; the pages with most of them: {listed}." if len(broken) else f"{text}, among {counted(len(known), 'page')}."


@passes_on
def read_searches(table: pd.DataFrame, *, span: str) -> str:
    """Say from which page people search most, and whether one finds less than the others.

    table : from `searches_by_page_before`.
    """
    if table.empty:
        return f"There are too few searches from {span} to tell pages apart."
    total, empty = table["denominator"].sum(), table["numerator"].sum()
    text = f"From {span} **{percent(empty / total)}** of {number(total)} searches found nothing."
    pages = table[table["page"] != SEARCH_FIRST]
    if len(pages) < len(table):
        first = table.loc[table["page"] == SEARCH_FIRST, "denominator"].iloc[0]
        text += f" {percent(first / total)} of the searches came before any page of the visit."
    if len(pages):
        top = pages.iloc[0]
        text += f" Of the pages, “{top['page']}” sends most people to the search ({number(top['denominator'])} times)."
    apart = table[(table["low"] > empty / total)]
    if len(apart):
        listed = ", ".join(f"“{r.page}” ({percent(r.value)} of {number(r.denominator)})" for r in apart.itertuples())
        text += f" More than usual were in vain from {listed}; with so many pages side by side, one may stand out by chance."
    return text


@passes_on
def read_silent(table: pd.DataFrame, *, span: str) -> str:
    """Say which share of the accounts never calls, and in which channels it is highest and lowest.

    table : from `silent_by_channel`.
    """
    n, k = table["denominator"].sum(), table["numerator"].sum()
    text = f"**{percent(k / n)}** of the {counted(n, 'account')} opened from {span} made no call within 28 days."
    known = table[table["value"].notna()]
    if len(known) < 2:
        return text
    top, low = known.loc[known["value"].idxmax()], known.loc[known["value"].idxmin()]
    text += f" The share is highest for “{top['group']}” ({_of_accounts(top)}) and lowest for “{low['group']}” ({_of_accounts(low)})."
    apart = known.loc[known["q"] < 0.05, "group"]
    if len(apart):
        listed = ", ".join(f"“{group}”" for group in apart)
        text += f" Chance alone hardly explains how {listed} differs from the others (q below 0.05)."
    else:
        text += " No channel differs from the others by more than chance would explain, once all channels are looked at."
    return text


def _of_accounts(row) -> str:
    return f"{percent(row['value'])}, 95 % interval {interval(row['low'], row['high'], 'share')}, n = {number(row['denominator'])}"


@passes_on
def find_silent_channel(table: pd.DataFrame, *, span: str) -> str:
    """Name the channels whose accounts never call more often than those of the other channels.

    Claimed only when chance is unlikely (q below 0.001), the gap large (10 points or more) and the channel
    not a handful of accounts (20 or more). Empty otherwise.
    """
    gap = table["value"] - table["others"]
    claimed = table[(table["q"] < Q_LIMIT) & (gap >= LEAST_DIFFERENCE) & (table["denominator"] >= LEAST_ACCOUNTS)]
    text = " ".join(
        f"**{percent(row.value)}** of the accounts that came through “{row.group}” from {span} made no call within 28 days "
        f"(95 % interval {interval(row.low, row.high, 'share')}, n = {number(row.denominator)}), against "
        f"{percent(row.others)} of all others (n = {number(row.others_n)})."
        for row in claimed.itertuples()
    )
    return Finding(text, accounts=claimed["denominator"].sum())


@passes_on
def read_first_steps(matrix: pd.DataFrame, *, month: str) -> str:
    """Say where newcomers begin, and how many stop after how many touchpoints. matrix : from `first_steps`."""
    units = matrix.attrs["units"]
    begin = matrix[1].drop(END, errors="ignore")
    text = (
        f"**{number(units)}** accounts and visitors were first seen in {month_name(month)}; **{percent(begin.max())}** of them "
        f"began at “{begin.idxmax()}”."
    )
    if END in matrix.index and matrix.shape[1] >= 2:
        last = matrix.columns[-1]
        text += (
            f" {percent(matrix.loc[END, 2])} did one thing and no more that month; {percent(1 - matrix.loc[END, last])} "
            f"got as far as a touchpoint number {last}."
        )
    return text


@passes_on
def read_path_steps(steps: pd.DataFrame, *, month: str) -> str:
    """Say which step between two touchpoints is taken most often. steps : from `path_steps`."""
    top = steps.iloc[0]
    text = (
        f"The step taken most often in {month_name(month)} is from “{top['from_touchpoint']}” to “{top['to_touchpoint']}”: "
        f"{number(top['count'])} times."
    )
    back = steps[(steps["from_touchpoint"] == top["to_touchpoint"]) & (steps["to_touchpoint"] == top["from_touchpoint"])]
    return f"{text} The way back is taken {number(back['count'].iloc[0])} times." if len(back) else text


def grade(value) -> str:
    """Write a reading level, or that there is none.

    >>> grade(8.26), grade(float("nan"))
    ('8.3', 'not measurable')
    """
    return "not measurable" if is_missing(value) else number(value, 1)
