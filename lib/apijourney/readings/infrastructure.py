"""The service in words: who calls, how long they wait, how calls fail, what broke.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
The budget is in `budget`, the versions are in `versions`.
"""

import pandas as pd

from apijourney.facts.endpoints import UNMATCHED
from apijourney.formats import TOO_FEW, counted, interval, is_missing, measured, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on


@passes_on
def read_traffic(table: pd.DataFrame) -> str:
    """Say how much traffic the last month had and which segment brings most. table : `traffic_by_segment`."""
    month = table["month"].iloc[-1]
    last = table[table["month"] == month]
    calls = last["calls"].sum()
    if not calls:
        return f"In {month_name(month)}, production had no calls."
    text = (
        f"In {month_name(month)}, production carried **{number(last['per_minute'].sum(), 2)}** calls a minute, "
        f"{number(calls)} in all, from {counted(last['accounts'].sum(), 'account')}"
    )
    known = last[last["accounts"] > 0]
    if len(known) > 1:
        top = known.loc[known["calls"].idxmax()]
        text += f". The segment “{top['segment']}” brings most of it, {percent(top['share'])}"
    nobody = last.loc[last["segment"] == "no account", "share"].sum()
    return f"{text}. {percent(nobody)} of the calls belong to no account: their key was rejected." if nobody else f"{text}."


@passes_on
def read_endpoints(table: pd.DataFrame, *, month: str) -> str:
    """Say which endpoint is called most and which is the slowest. table : from `endpoints_of_month`."""
    top, named = table.iloc[0], table["endpoint"] != UNMATCHED
    text = (
        f"In {month_name(month)}, {counted(named.sum(), 'endpoint')} had calls; **{top['endpoint'] or 'one without a name'}** has "
        f"{percent(top['share'])} of them"
    )
    if len(table) > 3:
        text += f", the first three together {percent(table['share'].head(3).sum())}"
    if not named.all():
        text += f"; {percent(table.loc[~named, 'share'].sum())} of the calls fit no template of the workbook file"
    waits = table.dropna(subset="p90_ms")
    if len(waits) < 2:
        return f"{text}."
    slow = waits.loc[waits["p90_ms"].idxmax()]
    return f"{text}. The slowest is {slow['endpoint']}: nine of ten good calls take at most {measured(slow['p90_ms'], 'ms')}."


@passes_on
def endpoint_words(table: pd.DataFrame) -> pd.DataFrame:
    """Write `endpoints_of_month` for a reader: an interval that nothing carries says "too few failures"; units where calls are metered."""
    more = {f"{p} ms": [measured(v, "ms", missing=TOO_FEW) for v in table[f"{p}_ms"]] for p in ("p50", "p90", "p99")}
    units = {f"median_units_{way}": f"median units {way}" for way in ("in", "out")}
    more |= {name: [number(v, missing="") for v in table[column]] for column, name in units.items() if column in table}
    return pd.DataFrame(
        {
            "endpoint": table["endpoint"], "calls": table["calls"], "share": [percent(v, 1) for v in table["share"]],
            "accounts": table["accounts"],
            "answered well": [percent(v, 2, missing="no valid call") for v in table["availability"]],
            "95 % interval": [
                f"{percent(r.low, 2)} to {percent(r.high, 2)}" if not is_missing(r.low) else "too few failures" for r in table.itertuples()
            ],
        }
        | more
    )  # fmt: skip


@passes_on
def read_machines(load: pd.DataFrame, days: pd.DataFrame) -> str:
    """Say how busy the hosts were in the last month and on the busiest day. load : `load_by_month`; days : `machines_of_day`."""
    row = load.iloc[-1]
    if is_missing(row["cpu_p95"]):
        return f"In {month_name(row['month'])}, too few samples of the hosts are known."
    text = (
        f"In {month_name(row['month'])}, the processors were at or below **{percent(row['cpu_p95'])}** in 95 % of the "
        f"samples, the memory at or below {percent(row['memory_p95'])}; {number(row['mean_connections'])} connections were open "
        f"on average and {number(row['peak_connections'])} in the busiest hour"
    )
    known = days.dropna(subset="cpu_max")
    top = known.loc[known["cpu_max"].idxmax()]
    return f"{text}. The busiest day of the months shown is {top['day']:%Y-%m-%d}, with a processor at {percent(top['cpu_max'])}."


def read_percentiles(table: pd.DataFrame | NotMeasurable, slowest: pd.DataFrame | NotMeasurable) -> str | NotMeasurable:
    """Say the percentiles of the last month, and its slowest call. table : `latency_table`; slowest : "latency_max"."""
    for found in (table, slowest):
        if isinstance(found, NotMeasurable):
            return found
    last = table[table["month"] == slowest["month"].iloc[-1]].dropna(subset="latency_ms")
    if last.empty:
        return ""
    parts = [
        f"{'half' if row.quantile == 0.5 else percent(row.quantile, 0)} took at most **{measured(row.latency_ms, 'ms')}** "
        f"(95 % interval {interval(row.low, row.high, 'ms')})"
        for row in last.itertuples()
    ]
    longest = measured(slowest["value"].iloc[-1], "ms")
    return f"In {month_name(last['month'].iloc[0])}, of {counted(last['calls'].iloc[0], 'good call')}, {'; '.join(parts)}. The slowest took {longest}."


@passes_on
def read_waits(table: pd.DataFrame, *, month: str, q: float = 0.9, overall: float | None = None) -> str:
    """Say who waits longest, and of how many accounts that can be said. table : from `latency_by_account`."""
    known = table[table["latency_ms"].notna()]
    few = len(table) - len(known)
    if known.empty:
        return f"In {month_name(month)}, no account has enough good calls to say its {100 * q:.0f}th percentile."
    worst = known.iloc[0]
    text = (
        f"In {month_name(month)}, **{worst['account_id']}** waits longest: {percent(q, 0)} of its good calls take at most "
        f"**{measured(worst['latency_ms'], 'ms')}** (95 % interval {interval(worst['low'], worst['high'], 'ms')}, "
        f"n = {number(worst['calls'])} calls)"
    )
    if overall is not None and not is_missing(overall):
        above = int((known["low"] > overall).sum())
        text += (
            f", where all calls together have {measured(overall, 'ms')}. The whole interval lies above that for "
            f"{number(above)} of the {number(len(known))} accounts with enough calls"
        )
    return f"{text}. Too few calls to say: {counted(few, 'account')}." if few else f"{text}."


@passes_on
def read_codes(table: pd.DataFrame, *, month: str) -> str:
    """Say how many calls failed, with which code most, and how many by the server. table : from `error_codes`."""
    if table.empty:
        return f"In {month_name(month)}, no production call ended in an error."
    of, top = table["denominator"].iloc[0], table.iloc[0]
    server = table[table["status"] >= 500]["numerator"].sum()
    wrong = table["numerator"].sum()
    whom = f", met by {counted(top['accounts'], 'account')}" if top["accounts"] else ", of calls that belong to no account"
    return (
        f"In {month_name(month)}, **{percent(wrong / of)}** of {number(of)} production calls ended in an error. The most "
        f"frequent code is {top['status']} with {counted(top['numerator'], 'call')}{whom}. Server errors (500 and above) are "
        f"{number(server)}, {percent(server / of)} of the calls."
    )


def read_operations(attempts: pd.DataFrame | NotMeasurable, operations: pd.DataFrame | NotMeasurable) -> str | NotMeasurable:
    """Say what trying again hides. attempts, operations : "errors_per_attempt" and "errors_per_operation"."""
    for found in (attempts, operations):
        if isinstance(found, NotMeasurable):
            return found
    each, whole = attempts.iloc[-1], operations.iloc[-1]
    if is_missing(each["value"]) or is_missing(whole["value"]):
        return ""
    repeated = each["denominator"] - whole["denominator"]
    return (
        f"In {month_name(each['month'])}, {percent(each['value'], 1)} of the attempts of known accounts failed, and "
        f"**{percent(whole['value'], 1)}** of the operations (95 % interval {interval(whole['low'], whole['high'], 'share')}, n = "
        f"{number(whole['denominator'])}): {counted(repeated, 'call')} repeated a failed one within a minute."
    )


def read_up_and_available(availability: pd.DataFrame | NotMeasurable, uptime: pd.DataFrame | NotMeasurable) -> str | NotMeasurable:
    """Say both of the last month, and the month in which they differ most. From the metrics of these names."""
    for found in (availability, uptime):
        if isinstance(found, NotMeasurable):
            return found
    both = availability.assign(up=uptime["value"].to_numpy()).dropna(subset=["value", "up"])
    if both.empty:
        return ""
    row = both.iloc[-1]
    text = (
        f"In {month_name(row['month'])}, **{percent(row['value'])}** of the valid calls were answered well (95 % interval "
        f"{interval(row['low'], row['high'], 'share')}), and {percent(row['up'])} of the minutes were without an incident"
    )
    worst = both.loc[both["value"].idxmin()]
    if worst["month"] == row["month"]:
        return f"{text}: the lowest month shown."
    return (
        f"{text}. The lowest month shown is {month_name(worst['month'])}: {percent(worst['value'])} of the calls, "
        f"{percent(worst['up'])} of the minutes."
    )


@passes_on
def read_incidents(table: pd.DataFrame, *, span: str) -> str:
    """Say how many incidents there were, how long, and what the worst cost. table : from `incident_list`."""
    if table.empty:
        return f"No incident is known from {span}."
    worst = table.loc[table["failed"].fillna(-1).idxmax()]
    how = "derived from the calls" if (table["scope"] == "derived from calls").all() else "recorded"
    text = f"From {span}, {counted(len(table), 'incident')} ({how}) lasted {number(table['hours'].sum(), 1)} hours together"
    if not worst["calls"] > 0 or is_missing(worst["failed"]):
        return f"{text}."
    return (
        f"{text}. In the one that began on {worst['started']}, **{number(worst['failed'])}** of "
        f"{counted(worst['calls'], 'production call')} failed ({percent(worst['failed_share'])})."
    )


@passes_on
def reliability_words(parts: pd.DataFrame) -> pd.DataFrame:
    """Write `reliability_parts` for a reader: measure, value, interval ("too few" where none can be given), from."""
    return pd.DataFrame(
        {
            "measure": parts["measure"],
            "value": [measured(r.value, r.unit) if not is_missing(r.value) else "no failure yet" for r in parts.itertuples()],
            "95 % interval": [interval(r.low, r.high, r.unit) or "too few" for r in parts.itertuples()],
            "from": [f"{number(r.n)} {r.of}" for r in parts.itertuples()],
        }
    )


def read_releases(
    table: pd.DataFrame | NotMeasurable, newest: pd.DataFrame | NotMeasurable, *, span: str
) -> str | NotMeasurable:
    """Say how often was released in the months shown, how early it was said, and how many accounts followed.

    table : from `releases_by_month`. newest : the metric "newest_sdk_share", or `NotMeasurable`.
    """
    if isinstance(table, NotMeasurable):
        return table
    total, breaking = int(table["releases"].sum()), int(table["breaking"].sum())
    text = f"From {span}: {counted(total, 'release')}, {number(breaking)} of them breaking"
    known = table.dropna(subset="lead_days")
    if len(known):
        row = known.iloc[-1]
        text += f"; those of {month_name(row['month'])} were announced {measured(row['lead_days'], 'days')} ahead (median)"
    followed = pd.DataFrame() if isinstance(newest, NotMeasurable) else newest.dropna(subset="value")
    if followed.empty:
        return f"{text}."
    last = followed.iloc[-1]
    return (
        f"{text}. At the end of {month_name(last['month'])} **{percent(last['value'])}** of the accounts that call through an SDK "
        f"are on its newest version (95 % interval {interval(last['low'], last['high'], 'share')}, n = {number(last['denominator'])})."
    )
