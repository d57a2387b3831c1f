"""Quota utilisation: how much of what they may call do accounts call?

Unit: an account with a monthly quota and at least one production call in the local month. All its calls count,
throttled ones too, against the quota that held at the end of the month. A quota of 0 or none is no limit. Who will
be at his limit next is asked in `near_quota_accounts`.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.infrastructure.service_metrics import dated_quotas
from apijourney.metrics.product.scale.spread_metrics import production_use
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
FULL_SHARE = 0.8
BANDS = ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0), (1.0, None))


@remembered
@needs("accounts", "requests", what="Quota utilisation")
def quota_utilisation(study) -> pd.DataFrame | NotMeasurable:
    """Which share of its quota did each account call in each month shown?

    Returns one row a month and account with a quota and a production call: month, account_id, calls, quota,
    used_share (above 1: beyond it). Not measurable for one product: a quota counts the calls of all.
    """
    if study.product != "all":
        return NotMeasurable("Quota utilisation", "a quota counts the calls of all products; choose all products, or break it down by segment instead.")
    dated = dated_quotas(study) if len(study.accounts) else pd.DataFrame({"quota_per_month": []})
    dated = dated.assign(quota_per_month=pd.to_numeric(dated["quota_per_month"]).astype("float64"))
    if not (dated["quota_per_month"] > 0).any():
        return NotMeasurable("Quota utilisation", 'no account has a quota; add "quota_per_month" to accounts.')
    if not study.store.paths("activity", study.months):
        return NotMeasurable("Quota utilisation", f"there are no requests in the months up to {study.month}; choose a later month.")
    dated = dated.sort_values("valid_from", kind="stable")
    calls = production_use(study).groupby(["month", "account_id"], as_index=False)["calls"].sum()
    parts = []
    for month, made in calls.groupby("month"):
        ends = pd.Timestamp((np.datetime64(month, "M") + 1).astype("datetime64[D]"))
        quota = dated[dated["valid_from"] < ends].groupby("account_id")["quota_per_month"].last()
        parts.append(made.assign(quota=made["account_id"].map(quota)))
    table = pd.concat(parts, ignore_index=True) if parts else calls.assign(quota=np.nan)
    table = table[table["quota"] > 0].reset_index(drop=True)
    return table.assign(used_share=table["calls"] / table["quota"])


def quota_bands(study) -> pd.DataFrame | NotMeasurable:
    """How many accounts used how much of their quota in the reported month?

    Returns one row a band: band ("under 20 %", …, "over 100 %"), first, last (bounds of used_share, the last one
    not included; NaN = open), accounts, share (NaN = no account has a quota).
    """
    table = quota_utilisation(study)
    if isinstance(table, NotMeasurable):
        return table
    used = table.loc[table["month"] == study.month, "used_share"]
    rows = []
    for first, last in BANDS:
        inside = used[(used >= first) & (used < (np.inf if last is None else last))]
        name = f"under {last:.0%}" if not first else f"{first:.0%} or more" if last is None else f"{first:.0%} to {last:.0%}"
        rows.append((name.replace("%", " %"), first, np.nan if last is None else last, len(inside)))
    bands = pd.DataFrame(rows, columns=["band", "first", "last", "accounts"])
    return bands.assign(share=bands["accounts"] / len(used) if len(used) else np.nan)


@catalogued(
    name="Accounts at 80 % of their quota", dimension="product", stage="scale",
    question="Which share of the accounts with a quota used four fifths of it or more?",
    formula="accounts whose production calls of the local month, however answered, are 80 % or more of the quota that "
    "held at its end / accounts with a quota and a production call in the month",
    unit="share", direction="none", timing="leading", counter_metric="throttled_share",
    gameable_by="raising quotas nobody asked for", tables=("accounts", "requests"), columns=("requests.account_id",),
    source=_BOOK, whole_month=True,
)  # fmt: skip
def quota_utilisation_share(study):
    table = quota_utilisation(study)
    if isinstance(table, NotMeasurable):
        return table
    return share_marked(table["used_share"] >= FULL_SHARE, table["month"], study.months)
