"""The journey in words: how many come, what stays in the dark, who is no person, where they go.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import pandas as pd

from apijourney.formats import interval, is_missing, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.product.conversion.paths import END, START
from apijourney.metrics.product.discovery.touchpoints import OTHER
from apijourney.readings.findings import LEAST_ACCOUNTS, LEAST_DIFFERENCE, Q_LIMIT, Finding


@passes_on
def read_touchpoints(table: pd.DataFrame, *, month: str) -> str:
    """Say how much of the journey can be measured, and where most and fewest were.

    table : from `touchpoint_map`.
    """
    measured = table[table["measured"]]
    text = (
        f"Of {number(len(table))} {'touchpoint' if len(table) == 1 else 'touchpoints'} of the journey, **{number(len(measured))}** can be measured "
        f"up to {month_name(month)}."
    )
    busy = measured[measured["units"] > 0]
    if measured.empty:
        return text
    if busy.empty:
        return f"{text} Nobody was at any of them in that month."
    top, least = busy.loc[busy["units"].idxmax()], busy.loc[busy["units"].idxmin()]
    text += f" Most accounts and visitors were at “{top['touchpoint']}” ({number(top['units'])})"
    if least["touchpoint"] != top["touchpoint"]:
        text += f", fewest at “{least['touchpoint']}” ({number(least['units'])})"
    quiet = measured.loc[measured["units"] == 0, "touchpoint"]
    return text + "." + (f" Nobody was at {_listed(quiet)}." if len(quiet) else "")


@passes_on
def read_blind_spots(table: pd.DataFrame, *, month: str) -> str:
    """Say how many blind spots there are up to a month, by kind."""
    if table.empty:
        return f"Up to {month_name(month)} there is no blind spot: every touchpoint, every table and every metric is there."
    counts = table["kind"].value_counts()
    parts = [
        f"{number(counts[kind])} {kind if counts[kind] == 1 else kind + 's'}"
        for kind in ("touchpoint", "table", "metric") if kind in counts
    ]  # fmt: skip
    listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return f"The data up to {month_name(month)} cannot tell about **{listed}**. The table says what to add."


@passes_on
def read_catalog(table: pd.DataFrame, *, month: str) -> str:
    """Say how many metrics there are, how many lead, and how many can be measured up to a month.

    table : from `catalog_map`.
    """
    leading = int((table["timing"] == "leading").sum())
    text = (
        f"The catalogue holds **{number(len(table))}** metrics, {number(leading)} of them leading. "
        f"{number(table['measured'].sum())} can be measured on the data up to {month_name(month)}."
    )
    measured = set(table.loc[table["measured"], "stage"])
    dark = [stage for stage in dict.fromkeys(table["stage"]) if stage not in measured]
    return text + (f" None of those speaks about {_listed(dark)}." if dark else "")


@passes_on
def read_stages(table: pd.DataFrame) -> str:
    """Say how many were at each stage in the last month, and in the month before.

    table : from `stage_volume`.
    """
    months = sorted(table["month"].unique())
    now = table[(table["month"] == months[-1]) & table["units"].notna()]
    if now.empty:
        return ""
    before = table[table["month"] == months[-2]].set_index("stage")["units"] if len(months) > 1 else pd.Series()
    parts = []
    for row in now.itertuples():
        was = before.get(row.stage)
        change = "" if is_missing(was) else f" (month before: {number(was)})"
        parts.append(f"{row.stage} {number(row.units)}{change}")
    return f"Accounts and visitors in {month_name(months[-1])}: {', '.join(parts)}."


@passes_on
def read_channels(table: pd.DataFrame, *, month: str) -> str:
    """Say through which channel most of a month's accounts came. table : from `sign_ups_by_channel`."""
    top = table.iloc[0]
    return (
        f"{number(top['denominator'])} accounts were opened in {month_name(month)}. The largest channel is "
        f"“{top['channel']}” with **{percent(top['value'])}** of them ({number(top['numerator'])} accounts; "
        f"95 % interval {interval(top['low'], top['high'], 'share')})."
    )


@passes_on
def find_channel_shift(table: pd.DataFrame, *, month: str) -> str:
    """Name the channels whose share of the sign-ups is another than in the months before.

    Claimed only when it is unlikely to be chance (q below 0.001), large (10 points or more) and not
    of a handful of accounts (20 or more in the month). Empty otherwise.
    """
    gap = (table["value"] - table["before"]).abs()
    claimed = table[(table["q"] < Q_LIMIT) & (gap >= LEAST_DIFFERENCE) & (table["denominator"] >= LEAST_ACCOUNTS)]
    text = " ".join(
        f"**{percent(row.value)}** of the accounts opened in {month_name(month)} came through “{row.channel}” "
        f"(95 % interval {interval(row.low, row.high, 'share')}, n = {number(row.denominator)}), "
        f"{'more' if row.value > row.before else 'less'} than the {percent(row.before)} of the earlier months "
        f"(n = {number(row.before_n)})."
        for row in claimed.itertuples()
    )
    return Finding(text, accounts=claimed["numerator"].sum())


@passes_on
def read_kinds(table: pd.DataFrame, *, month: str) -> str:
    """Say how much of the traffic is no person, and how many more visitors bots would have made.

    table : from `visitor_kinds`.
    """
    people, bots = table[table["counted"]], table[~table["counted"]]
    if not table["events"].sum():
        return f"Nobody was at the portal in {month_name(month)}."
    if not bots["events"].sum():
        return f"In {month_name(month)} no visitor of the portal was told to be a machine."
    return (
        f"**{percent(bots['value'].sum())}** of the touchpoints of the portal in {month_name(month)} were not made "
        f"by people. Counted as people, these {number(bots['units'].sum())} visitors would stand beside "
        f"{number(people['units'].sum())} people and blur every share that begins with visitors."
    )


@passes_on
def read_paths(shares: pd.DataFrame, counts: pd.DataFrame) -> str:
    """Say where the month begins, what most surely follows, and after what the path most often ends.

    shares, counts : from `path_shares` and `path_counts`.
    """
    total = counts.sum(axis=1)
    text = ""
    if shares.loc[START].notna().any():
        begins = shares.loc[START].drop([END, OTHER], errors="ignore")
        text = (
            f"For **{percent(begins.max())}** of the {number(total[START])} accounts and visitors the month "
            f"begins at “{begins.idxmax()}”."
        )
    rows = shares.drop(index=[START, OTHER], errors="ignore").dropna(how="all")
    if rows.empty:
        return f"{text} There are too few steps to say what follows what.".strip()
    onward = rows.drop(columns=[END, OTHER], errors="ignore")
    moves = onward.where([[a != b for b in onward.columns] for a in onward.index]).stack().dropna()
    if len(moves) and moves.max() > 0:
        origin, target = moves.idxmax()
        text += (
            f" The surest step to another touchpoint is from “{origin}” to “{target}”: "
            f"{_of(counts.loc[origin, target], total[origin])}."
        )
    last = rows[END].idxmax()
    if rows.loc[last, END] > 0:
        text += f" The path most often ends after “{last}”: {_of(counts.loc[last, END], total[last])}."
    return text.strip()


def _of(part: int, whole: int) -> str:
    return f"**{percent(part / whole)}** ({number(part)} of {number(whole)} times)"


def read_segment(study) -> str:
    """Warn where a segment is chosen: before sign-up nobody belongs to one. Empty for all segments."""
    if study.segment == "all":
        return ""
    return (
        f"Only the segment “{study.segment}” is shown. Visitors who have not signed up belong to no segment, so the "
        "stages before sign-up hold only those who signed up in the end."
    )


def read_trend_month(table: pd.DataFrame | NotMeasurable, touchpoint: str, *, month: str) -> str | NotMeasurable:
    """Say how many were at one touchpoint in one month. table : from `touchpoint_trend`."""
    if isinstance(table, NotMeasurable):
        return table
    row = table[table["month"] == month]
    if row.empty or is_missing(row["value"].iloc[0]):
        return f"“{touchpoint}” was not yet seen in {month_name(month)}."
    now = row.iloc[0]
    return (
        f"In {month_name(month)} **{number(now['value'])}** accounts and visitors were at “{touchpoint}”, "
        f"{number(now['events'])} times in all."
    )


def count_or_blind(value) -> str:
    """Write a count; where there is none, the touchpoint cannot be measured.

    >>> count_or_blind(1200.0), count_or_blind(float("nan"))
    ('1,200', 'cannot be measured')
    """
    return "cannot be measured" if is_missing(value) else number(value)


def _listed(names) -> str:
    return ", ".join(f"“{name}”" for name in names)


def read_quality(table: pd.DataFrame) -> str:
    """Say how many rows were put aside, left out or excluded. table : `study.quality`."""
    aside = int(table.loc[table["severity"] == "put aside", "rows"].sum())
    out = int(table.loc[table["severity"] == "left out", "rows"].sum())
    if table.empty:
        return "No row had to be put aside or left out."
    text = f"**{number(aside)}** rows were put aside, {number(out)} left out because they are no customers."
    excluded = int(table.loc[table["severity"] == "excluded", "rows"].sum())
    return f"{text} Rules of the workbook file exclude {number(excluded)}." if excluded else text
