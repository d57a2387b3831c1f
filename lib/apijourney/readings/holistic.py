"""The whole in words: where the metrics stand, what goes together, and what a lever would bring.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import math

import pandas as pd

from apijourney.formats import NOT_YET, accounts, counted, is_missing, money, money_alike, month_name, number, percent, points
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.holistic.changes import FULL, LIMIT
from apijourney.readings.alike import alike, difference, shows
from apijourney.readings.findings import LEAST_ACCOUNTS, Finding

LEAST_POINTS = 0.05
"""A driver is claimed only where later accounts that showed it stayed more often by at least this share."""
_CONFIRMED = 0.01


def metric_name(table: pd.DataFrame, metric: str) -> str:
    """The name of a metric of the scorecard; plain words stay as they are."""
    found = table.loc[table["metric"] == metric, "name"]
    return metric if found.empty else found.iloc[0]


def q_value(q: float) -> str:
    """Write a q value: how often a claim like this is a false alarm, among all that were looked at.

    >>> q_value(0.0312), q_value(0.00001)
    ('q = 0.031', 'q < 0.001')
    """
    return "q < 0.001" if q < 0.001 else f"q = {q:.3f}"


def read_scorecard(table: pd.DataFrame, *, month: str) -> str:
    """Say how many goals are met, missed and unclear, which metrics of the family judged clearly go one way, and which
    go the right way while their counter-metric goes the wrong one.

    table : from `scorecard`.
    """
    goals = table[(table["verdict"] != "")]
    known = table["value"].notna()
    now = known & (table["month"] == month)
    text = f"{month_name(month)}: {number(now.sum())} of {number(len(table))} metrics are known."
    if (known & ~now).any():
        text = f"{text[:-1]}, {number((known & ~now).sum())} more for a month before it."
    if len(goals):
        names = {v: list(goals.loc[goals["verdict"] == v, "name"]) for v in ("met", "missed", "unclear")}
        parts = [f"{verdict} {number(len(found))}{_list(found)}" for verdict, found in names.items()]
        text += f" Of {number(len(goals))} goals with a value: {', '.join(parts)}."
    directions = read_directions(table)
    text += f" {directions}" if directions else ""
    for row in table[(table["trend"] == "better") & (table["counter_trend"] == "worse")].itertuples():
        counter = metric_name(table, row.counter_metric)
        text += f" **{row.name}** went to the better while its counter-metric, {counter}, went to the worse."
    return text


def read_directions(table: pd.DataFrame) -> str:
    """Name the metrics with a clear direction, of those judged together; empty where none has months enough.

    table : from `scorecard`.
    """
    judged = int(table["q"].notna().sum())
    if not judged:
        return ""
    names = {way: list(table.loc[table["trend"] == way, "name"]) for way in ("better", "worse", "up", "down")}
    ways = [f"{way} {number(len(found))}{_list(found)}" for way, found in names.items() if found or way in ("better", "worse")]
    return f"A clear direction, of {counted(judged, 'metric')} judged: {', '.join(ways)}."


def _none_of(n: int, one: str, many: str) -> str:
    """Say of how many none is (so that the sentence goes on in the singular)."""
    return f"Not even the one {one}" if n == 1 else f"None of the {number(n)} {many}"


def _list(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


@passes_on
def read_chain(table: pd.DataFrame, *, signals: dict[str, str], outcomes: dict[str, str], currency: str) -> str:
    """Say which links hold after allowing for all links looked at, and which comes nearest where none does.

    table : from `chain`.
    """
    judged = table[table["q"].notna()]
    few = int(table["q"].isna().sum())
    have = "has" if few == 1 else "have"
    silent = f" {number(few)} of the {number(len(table))} links {have} too few accounts to say anything." if few else ""
    if judged.empty:
        return f"None of the {number(len(table))} links has enough accounts to say anything."
    held = judged[judged["q"] < LIMIT].sort_values("p")
    silent += _most_adjusted(judged, signals, outcomes)
    if held.empty:
        row = judged.sort_values("p").iloc[0]
        none = _none_of(len(judged), "link that can be judged", "links that can be judged")
        return (
            f"{none} is beyond chance once all of them are allowed for. Nearest comes "
            f"{_link(row, signals, outcomes, currency)}.{silent}"
        )
    said = "; ".join(_link(row, signals, outcomes, currency) for _, row in held.iterrows())
    return f"{number(len(held))} of the {number(len(judged))} links that can be judged are beyond chance: {said}.{silent}"


def _most_adjusted(judged: pd.DataFrame, signals: dict, outcomes: dict) -> str:
    """Name the link, of those in points, whose crude difference is beyond chance and whose adjusted one is not."""
    shares = judged[(judged["outcome"] != "mrr_minor") & ((judged["crude_low"] > 0) | (judged["crude_high"] < 0))]
    shares = shares[(shares["low"] <= 0) & (shares["high"] >= 0)]
    if shares.empty:
        return ""
    row = shares.loc[(shares["crude"] - shares["adjusted"]).abs().idxmax()]
    return (
        f" Comparing like with like matters: for “{signals[row['signal']]}” and “{outcomes[row['outcome']]}” the crude "
        f"difference of {points(row['crude'])} becomes {points(row['adjusted'])}."
    )


def _link(row: pd.Series, signals: dict, outcomes: dict, currency: str) -> str:
    amounts = money_alike([row["adjusted"], row["low"], row["high"], row["crude"]], currency)
    write = (lambda v: amounts(round(v))) if row["outcome"] == "mrr_minor" else points
    return (
        f"“{signals[row['signal']]}” and “{outcomes[row['outcome']]}”: accounts above the median differ by "
        f"**{write(row['adjusted'])}** adjusted (95 % interval {write(row['low'])} to {write(row['high'])}; crude "
        f"{write(row['crude'])}; n = {number(row['n'])}, {q_value(row['q'])})"
    )


@passes_on
def read_drivers(table: pd.DataFrame) -> str:
    """Say which behaviours lead where they were chosen, and what is left of each kind's leader later on.

    table : from `drivers`. Of what comes before use, only what goes with staying can lead.
    """
    parts = []
    for kind, words in (("use", "Of use itself"), ("before use", "Of what comes before use")):
        part = table[(table["kind"] == kind) & table["adjusted"].notna() & ((kind == "use") | (table["earlier"] > 0))]
        if len(part):
            row = part.iloc[0]
            parts.append(
                f"{words}, “{behaviour_name(row)}” separates the earlier accounts most surely ({points(row['earlier'])} of "
                f"accounts that stayed). Among the later ones, on which nothing was chosen, it is **{points(row['adjusted'])}** "
                f"(95 % interval {points(row['low'])} to {points(row['high'])}; n = {number(row['n'])}, {q_value(row['q'])})."
            )
    faded = table[(table["earlier_q"] < LIMIT) & ~(table["q"] < LIMIT) & table["adjusted"].notna()]
    if len(faded):
        names = ", ".join(
            f"“{behaviour_name(r)}” ({points(r['earlier'])}, then {points(r['adjusted'])})" for _, r in faded.iterrows()
        )
        parts.append(f"What looked sure on the earlier accounts and is not sure on the later: {names}.")
    return " ".join(parts)


def behaviour_name(row: pd.Series) -> str:
    """A behaviour with its cut, as a reader says it. row : of `drivers`."""
    return row["behaviour"] if row["cut"] == 1 else f"{row['behaviour']}, {row['cut']} times or more"


@passes_on
def find_driver(chosen: pd.DataFrame) -> str:
    """Claim a driver only when two halves of the accounts say it, one after the other.

    chosen : from `chosen_driver`. It must be beyond chance on the earlier accounts among all behaviours
    (q below 0.05), beyond chance again, the same way, on the later ones alone (p below 0.01), by 5 points or
    more, and with 20 accounts or more on either side.
    """
    row = chosen.iloc[0]
    sure = row["earlier_q"] < LIMIT and row["p"] < _CONFIRMED and row["earlier"] > 0 and row["adjusted"] >= LEAST_POINTS
    if not sure or min(row["exposed"], row["n"] - row["exposed"]) < LEAST_ACCOUNTS:
        return ""
    return Finding(
        f"Accounts with “{behaviour_name(row)}” before their first call stay more often. It was chosen on the accounts that "
        f"signed up earlier; of those that signed up later, {percent(row['with_exposed'])} of the {number(row['exposed'])} with "
        f"it stayed, against {percent(row['with_others'])} of the {number(row['n'] - row['exposed'])} others: adjusted "
        f"**{points(row['adjusted'])}** (95 % interval {points(row['low'])} to {points(row['high'])}). This is an "
        "association, not yet a cause.",
        accounts=row["exposed"],
    )


@passes_on
def read_levers(table: pd.DataFrame, *, points_moved: float, currency: str) -> str:
    """Say which lever would bring most paying accounts, and what the driver would bring beside it.

    table : from `levers`.
    """
    known = table[table["paying"].notna()]
    if known.empty:
        return ""
    said = [_lever(row, currency) for _, row in known.head(1).iterrows()]
    said += [_lever(row, currency) for _, row in known[known["kind"] == "driver"].iterrows() if row["lever"] != known["lever"].iloc[0]]
    word = "point" if points_moved == 1 else "points"
    size = number(points_moved, 0 if float(points_moved).is_integer() else 1)
    return f"If the associations were causal, {size} {word} more would bring, a month: {'; '.join(said)}."


def levers_title(points_moved: float) -> str:
    """Head the figure of the levers with what it supposes.

    >>> levers_title(1.0), levers_title(2.5)
    ('If the association were causal: further paying accounts a month for +1 point', 'If the association were causal: further paying accounts a month for +2.5 points')
    """
    return f"If the association were causal: further paying accounts a month for +{points_moved:g} point{'' if points_moved == 1 else 's'}"


def _lever(row: pd.Series, currency: str) -> str:
    text = (
        f"“{row['lever']}” **{accounts(row['paying'])}** further paying accounts ({accounts(row['low'])} to "
        f"{accounts(row['high'])}, n = {number(row['n'])})"
    )
    if is_missing(row["mrr_minor"]):
        return text
    low, now, high = (NOT_YET if is_missing(row[c]) else money(round(row[c]), currency) for c in ("mrr_low", "mrr_minor", "mrr_high"))
    return f"{text} and {now} of MRR{'' if is_missing(row['mrr_low']) else f' ({low} to {high})'}"


@passes_on
def read_changes(table: pd.DataFrame, *, currency: str) -> str:
    """Say which metrics moved beyond chance, or that none did and which comes nearest.

    table : from `changes`.
    """
    judged = table[table["q"].notna()]
    if judged.empty:
        return ""
    full = int((table["how"] == FULL).sum())
    rest = ""
    if full:
        are = "1 more is a total" if full == 1 else f"{number(full)} more are totals"
        rest = f" {are}, counted in full: chance is not judged there."
    sure = judged[judged["moved"] != ""]
    shown = sure if len(sure) else judged.head(1)
    said = "; ".join(
        f"**{r.name}** of {month_name(r.month)}: {' to '.join(alike(r.before, r.now, r.unit, currency)[:2])} ({q_value(r.q)})"
        for r in shown.itertuples()
    )
    if sure.empty:
        none = _none_of(len(judged), "metric that can be judged", "metrics that can be judged")
        return f"{none} changed beyond chance. Nearest comes {said}.{rest}"
    return f"{number(len(sure))} of the {number(len(judged))} metrics that can be judged changed beyond chance: {said}.{rest}"


def read_mix(found, *, by: str) -> str | NotMeasurable:
    """Say how a change of the activated share splits into mix and rate; empty where there is but one group.

    found : from `activation_mix`.
    """
    if isinstance(found, NotMeasurable):
        return found
    table, parts, month = found
    if len(table) <= 2:  # one group: all of the change is its own
        return ""
    whole, bounds = table.iloc[-1], parts.set_index("part")
    between = {p: f"{points(bounds.loc[p, 'low'])} to {points(bounds.loc[p, 'high'])}" for p in bounds.index}
    was, now, _ = alike(whole["rate_before"], whole["rate_now"], "share")
    total, mix, rate = adding_points(whole["total"], [whole["mix"], whole["rate"]])
    return (
        f"Of the accounts opened in {month_name(month)}, {now} were activated, after "
        f"{was} the month before: **{total}** (95 % interval {between['total']}). "
        f"By {by}: {mix} from the mix ({between['mix']}) and {rate} from the rates of the "
        f"groups ({between['rate']})."
    )


def adding_points(whole: float, parts: list[float]) -> list[str]:
    """Write a difference and the parts of it in points, so rounded that the parts add up to the whole.

    All are rounded down; what is then missing goes to the parts that lost most (largest remainder).

    >>> adding_points(0.0503, [-0.0174, 0.0677])
    ['+5.0 points', '-1.8 points', '+6.8 points']
    >>> adding_points(0.05049, [-0.01651, 0.0670])
    ['+5.0 points', '-1.7 points', '+6.7 points']
    """
    digits = 1 if abs(whole) >= 0.001 or abs(whole) < 0.00005 else 2
    unit = 10 ** (digits + 2)
    target, floors = round(whole * unit), [math.floor(round(p * unit, 9)) for p in parts]
    order = sorted(range(len(parts)), key=lambda i: floors[i] - parts[i] * unit)
    for i in order[: target - sum(floors)]:
        floors[i] += 1
    return [difference(v / unit, digits, "share") for v in (target, *floors)]


@passes_on
def read_late(table: pd.DataFrame, *, currency: str) -> str:
    """Say how many metrics late data changed, and the one it changed most. table : from `late_data`."""
    if table.empty:
        return ""
    moved = table[reads_differently(table, currency)]
    if moved.empty:
        return f"{_none_of(len(table), 'metric known a month ago', 'metrics known a month ago')} reads differently today."
    row = moved.iloc[0]
    text = f"{number(len(moved))} of the {number(len(table))} metrics known a month ago read differently today"
    was, now, change = alike(row["then"], row["now"], row["unit"], currency)
    share = row["change_share"]
    size = f", by {change}" if row["unit"] == "share" else "" if is_missing(share) else f", by {percent(abs(share), 2)} of its value"
    return f"{text}. The largest difference is in **{row['name']}** of {month_name(row['month'])}{size}, {was} then and {now} now."


def reads_differently(table: pd.DataFrame, currency: str) -> list[bool]:
    """Which values, written in their usual digits, read differently then and now? table : from `late_data`."""
    return [shows(r.then, r.now, r.unit, currency) for r in table.itertuples()]
