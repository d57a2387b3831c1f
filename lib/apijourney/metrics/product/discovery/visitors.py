"""Who comes: people from which channel, and how much of the traffic is no person at all?

Unit: the account that signed up, or the visitor. A channel is what the account says of itself as of
now. It does not say which channel caused a sign-up: most people see several.
"""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from apijourney.formats import month_name
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import ratio
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson


@needs("accounts", what="Sign-ups by channel")
def sign_ups_by_channel(study) -> pd.DataFrame | NotMeasurable:
    """Through which channels did the month's accounts come, and is the mix another than before?

    Returns
    -------
    One row a channel, the largest first: channel ("not known" where empty), numerator (accounts
    created in the reported month), denominator (all created in it), value (share), low, high (95 %
    Wilson), before (share in the earlier months shown; NaN = there were none), before_n (accounts of
    those months), p (Fisher: this month against the earlier ones), q (Benjamini-Hochberg over the
    channels).
    """
    accounts = study.accounts
    if accounts["channel"].isna().all():
        return NotMeasurable(
            "Sign-ups by channel", "no account says through which channel it came; fill accounts.channel."
        )
    month = study.local_month(accounts["created_at"])
    channel = accounts["channel"].astype("str").fillna("not known")
    now = channel[month == study.month].value_counts()
    earlier = channel[month.isin(study.months[:-1])].value_counts()
    if now.empty:
        return NotMeasurable("Sign-ups by channel", f"no account was created in {month_name(study.month)}.")
    table = pd.DataFrame({"numerator": now, "was": earlier}).fillna(0).astype("int64")
    table = table.rename_axis("channel").reset_index()
    n, before_n = int(table["numerator"].sum()), int(table["was"].sum())
    k, was = table["numerator"].to_numpy(), table["was"].to_numpy()
    low, high = wilson(k, np.full(len(k), n))
    p = np.full(len(k), np.nan)
    if before_n:
        p = np.array([fisher_exact([[a, n - a], [b, before_n - b]]).pvalue for a, b in zip(k, was, strict=True)])
    table = table.assign(
        denominator=n, value=ratio(k, n), low=low, high=high, before=ratio(was, before_n), before_n=before_n,
        p=p, q=benjamini_hochberg(p) if before_n else p,
    ).drop(columns="was")  # fmt: skip
    return table.sort_values(["numerator", "channel"], ascending=[False, True], ignore_index=True)


@needs("touchpoints", what="Bots told apart from people")
def visitor_kinds(study) -> pd.DataFrame | NotMeasurable:
    """How much of the month's portal traffic came from people, and how much from machines?

    Touchpoints only: calls of the API are made by programs anyway. All accounts of a segment are
    people, so this asks for the segment "all".

    Returns
    -------
    One row a kind: kind ("people", then each value the workbook file lists as bots), counted (does
    it count as a person in the other numbers?), events, units, value (share of the events).
    """
    if study.segment != "all":
        return NotMeasurable(
            "Bots told apart from people", 'visitors without an account belong to no segment; choose segment "all".'
        )
    bots = study.workbook.definitions.bots
    agent = study.everything.properties.get("agent")
    if agent is None or (agent.codes < 0).all():
        return NotMeasurable(
            "Bots told apart from people",
            f'no touchpoint has the property "{bots.property}"; add it to touchpoints.properties, '
            "or name another under definitions.bots.",
        )
    log = study.everything
    names = {t.filter.event for t in study.workbook.journey if study.source_of(t.filter) == "touchpoints"}
    portal = np.isin(log.event, [i for i, name in enumerate(log.events) if name in names])
    start, end = study.bounds(study.month)
    inside = portal & (log.time >= start) & (log.time < end)
    masks = {"people": inside & ~study.is_bot}
    masks |= {kind: inside & np.asarray(agent == kind) for kind in bots.values if kind in agent.categories}
    table = pd.DataFrame(
        {
            "kind": list(masks),
            "counted": [kind == "people" for kind in masks],
            "events": [int(m.sum()) for m in masks.values()],
            "units": [len(np.unique(log.account[m])) for m in masks.values()],
        }
    )
    return table.assign(value=ratio(table["events"], int(inside.sum())))
