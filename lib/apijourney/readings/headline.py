"""The month in at most five sentences: what a reader must know who reads nothing else.

One sentence each on money, on who came and got through, on who stayed, on how the API held, and on what
to watch. Rules choose and word them from the numbers: a sentence that cannot be measured is replaced by the
next best one, or left out. Only the last one judges, by goals, the promise and the accounts to act on
(`to_watch`), so that no two sentences can contradict each other. They say what was, never why.
"""

import math

from apijourney.formats import interval, is_missing, measured, money, month_name, number, percent, tick
from apijourney.readings.month_words import KnownMonth, counted, month_before, moved, rate, side_of, sure
from apijourney.readings.to_watch import to_watch

_PROMISE = {
    "kept": "which keeps {}", "broken": "which breaks {}", "unclear": "too close to {} to call it kept or broken",
}  # fmt: skip


def headline(
    workbook, month: str, metrics: dict, *, accounts=None, alerts: list[dict] = (), reasons=None, worse: list[str] = ()
) -> list[dict]:
    """Write the headline of a month.

    metrics : id → table by month, or `NotMeasurable`. accounts : from `named_accounts`, None where nobody
    asked. alerts : the goals as the report judges them: id, name, value, of (the month, where it is an
    earlier one), goal, verdict (met, missed, unclear, or empty where there is nothing to judge yet).
    reasons : from `reasons_found`. worse : names of the metrics that clearly go to the worse, as `scorecard` judges.
    Returns at most five sentences, one a topic: topic (two or three words) and text (plain text, one
    sentence). Names in it are as they stand in the data: escape them.
    """
    m = KnownMonth(workbook, month, metrics)
    newcomers = _newcomers(m)
    sentences = [
        ("Revenue", _revenue(m)),
        ("New accounts", newcomers) if newcomers else ("Coming and going", _comings_and_goings(m)),
        ("Staying", _staying(m)),
        ("The API", _service(m)),
        ("To watch", to_watch(m, accounts, list(alerts), reasons=reasons, worse=worse)),
    ]
    return [{"topic": topic, "text": f"{text[0].upper()}{text[1:]}."} for topic, text in sentences if text]


def _revenue(m: KnownMonth) -> str:
    metric = next((name for name in ("mrr", "revenue") if m.latest(name) is not None), None)
    if metric is None:
        return ""
    row = m.latest(metric)
    what, who = ("monthly recurring revenue", "paying account") if metric == "mrr" else ("revenue", "account")
    text = f"{what} was"
    if row["month"] != m.month:
        text = f"{what} of {month_name(m.month)} is not known yet; it was"
    text += f" {money(row['value'], m.currency)}"
    if not is_missing(row["denominator"]):
        text += f" from {counted(row['denominator'], who)}"
    text += f" in {month_name(row['month'])}{moved(m, metric, row, 'money')}"
    kept = m.at("net_revenue_retention_12m", row["month"])
    if kept is not None and math.isfinite(kept["value"]):
        of = f"of {money(kept['denominator'], m.currency)}"
        share = f"{percent(kept['value'])} of what they did then{sure(kept, of)}"
        text += f"; accounts that paid a year before brought {share}"
    return text


def _newcomers(m: KnownMonth) -> str:
    came = m.at("sign_ups", m.month)
    if came is None:
        return ""
    was, change = "was" if came["value"] == 1 else "were", moved(m, "sign_ups", came, "count")
    text = f"{counted(came['value'], 'account')} {was} opened in {month_name(m.month)}{change}"
    got = m.latest("activated_share")
    if got is not None and got["month"] in (m.month, month_before(m.month)):
        days = m.workbook.definitions.activated.within_days
        of = "them" if got["month"] == m.month else f"those opened in {month_name(got['month'])}"
        return f"{text}; of {of}, {rate(m, got, f'became activated within {days} days')}"
    first = m.at("first_call_success_rate", m.month)
    if first is not None:
        return f"{text}; of those that made their first call, {rate(m, first, 'succeeded at once')}"
    return text


def _comings_and_goings(m: KnownMonth) -> str:
    """Where openings are not known: who became active, and who no longer is."""
    ratio = m.at("account_quick_ratio", m.month)
    if ratio is None or is_missing(ratio["numerator"]) or is_missing(ratio["denominator"]):
        return ""
    fell = f"{number(ratio['denominator'])} active before {'was' if ratio['denominator'] == 1 else 'were'} not" if ratio["denominator"] else "nobody active before was missing"
    return f"{counted(ratio['numerator'], 'account')} became active or came back in {month_name(m.month)}, and {fell}"


def _staying(m: KnownMonth) -> str:
    parts, again = [], f"were active again in {month_name(m.month)}"
    active = m.at("monthly_active_accounts", m.month)
    if active is not None:
        was, again = "was" if active["value"] == 1 else "were", "were active again"
        change = moved(m, "monthly_active_accounts", active, "count")
        parts.append(f"{counted(active['value'], 'account')} {was} active in {month_name(m.month)}{change}")
    back = m.at("month_1_retention", m.month)
    if back is not None:
        first = month_name(month_before(m.month))
        parts.append(f"of the accounts first seen active in {first}, {rate(m, back, again)}")
    return "; ".join(parts)


def _service(m: KnownMonth) -> str:
    parts = []
    row = m.at("availability", m.month)
    if row is not None:
        slo = m.workbook.slo.availability
        verdict = _PROMISE[side_of(row, slo)].format(f"the promise of {tick(slo, 'share')}")
        calls = counted(row["denominator"], "valid production call")
        parts.append(
            f"{percent(row['value'])} of {calls} in {month_name(m.month)} were answered well{sure(row)}, {verdict}"
        )
    slow = m.at("latency_p95", m.month)
    if slow is not None:
        between = interval(slow["low"], slow["high"], "ms")
        parts.append(
            f"95 % of the good calls{'' if parts else f' in {month_name(m.month)}'} took at most "
            f"{measured(slow['value'], 'ms')}{f' (95 % interval {between})' if between else ''}"
        )
    return "; ".join(parts)
