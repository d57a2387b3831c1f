"""One funnel, five tools: how much of a number is the rule it was counted by?

Unit: a set of rules over the same accounts, steps and months. It does not say that a rule is wrong: each fits
a question. See `rules` for what each tool does, and how that is known.
"""

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.conversion.funnel import funnel
from apijourney.metrics.product.conversion.journey_funnel import funnel_steps
from apijourney.metrics.product.conversion.rules import RULES

WHY = {
    "workbook": "calendar days; an attempt whose window is still open counts nowhere",
    "posthog": "days of 24 hours; open windows count as not converted",
    "mixpanel": "as PostHog, but only the first attempt counts, and steps within 2 seconds may stand in either order",
    "amplitude": "as PostHog, but times are rounded to the second, and steps within 1 second may stand in either order",
    "clickhouse": "as PostHog, but one event may fill several equal steps",
}


def distinct_steps(study) -> list[str] | NotMeasurable:
    """Which steps of the funnel can no single event take twice? Some tools refuse other funnels.

    From the last step backwards, a step is left out if one event could take it and a later one kept: every
    first success is a call, so "first call" yields to it. The first step always stays.
    """
    steps = funnel_steps(study)
    if isinstance(steps, NotMeasurable):
        return steps
    masks = [study.events.mask(step) for step in steps]
    kept = [0]
    taken = masks[0].copy()
    for k in range(len(steps) - 1, 0, -1):
        if not (masks[k] & taken).any():
            kept.append(k)
            taken |= masks[k]
    return [study.workbook.funnel[k] for k in sorted(kept)]


def rule_sensitivity(study, *, window: str = "28D") -> pd.DataFrame | NotMeasurable:
    """Which share goes from the first step to the last, counted by the rules of each tool?

    The steps are those of `distinct_steps`, the accounts those that begin in the months shown.

    Returns
    -------
    One row a tool: rules, numerator (took every step), denominator (began), value (share), low, high (Wilson),
    immature (left out because their window is open; 0 = the tool leaves nobody out), why (how the tool differs).
    """
    names = distinct_steps(study)
    if isinstance(names, NotMeasurable):
        return names
    if len(names) < 2:
        return NotMeasurable("The funnel under other rules", "the steps of the funnel are the same events; name others under funnel.")
    rows = []
    for rules in RULES:
        table = funnel(
            study.events, [study.step(n) for n in names], window=window, rules=rules,
            entered=(study.bounds(study.months[0])[0], study.observed_until),
            observed_until=study.observed_until, timezone=study.zone,
        )  # fmt: skip
        last = table.iloc[-1]
        low, high = last["low"], last["high"]
        rows.append((rules, int(last["numerator"]), int(last["denominator"]), last["share_of_first"], low, high, int(last["immature"]), WHY[rules]))
    columns = ["rules", "numerator", "denominator", "value", "low", "high", "immature", "why"]
    return pd.DataFrame(rows, columns=columns)
