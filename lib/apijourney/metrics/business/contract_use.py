"""How much of the use was free, bought ahead, or beyond what was bought?

Unit: an account in the study's month, and its successful production calls. It does not say what a call beyond the quota
costs, nor whether it was meant to be billed: `metering` holds bills against calls.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.metering import billable_calls
from apijourney.metrics.infrastructure.service_metrics import dated_quotas


@remembered
@needs("invoices", "requests", "requests.account_id", "requests.status", what="Free, committed and overage use")
def use_by_contract(study) -> pd.DataFrame | NotMeasurable:
    """How much of the month's use was free, bought ahead, or beyond the quota?

    The rule. An account pays in a month where it has a subscription or usage line for it. Its successful production
    calls up to the quota that holds at the end of the month are committed, those beyond are overage; of an account
    that does not pay, those up to the quota are free, those beyond are free overage. A quota of 0 or none is no limit.

    Returns one row a class: use, accounts, calls, share (of the calls), billed_minor (usage lines of the month in the
    reporting currency, laid over an account's committed and overage calls in proportion).
    """
    if study.product != "all":
        return NotMeasurable("Free, committed and overage use", "a quota counts the calls of all products; choose all products, or break it down by segment instead.")
    calls = billable_calls(study)
    calls = calls[calls["month"] == study.month].groupby("account_id")["calls"].sum()
    quotas = dated_quotas(study).sort_values("valid_from", kind="stable")
    quota = pd.to_numeric(quotas.groupby("account_id")["quota_per_month"].last()).reindex(calls.index)
    rows = study.fact("revenue")
    rows = rows.filter((rows.month == study.month) & rows.kind.isin(["subscription", "usage"]) & ~rows.taken_off)
    paid = rows.group_by("account_id").aggregate(usage=rows.minor.sum(where=rows.kind == "usage")).to_pandas()
    return contract_classes(calls, quota, paid.set_index("account_id")["usage"].fillna(0))


def contract_classes(calls: pd.Series, quota: pd.Series, usage: pd.Series) -> pd.DataFrame:
    """Split each account's calls at its quota. See `use_by_contract`.

    calls, quota : account_id → calls a month (NaN or 0 = no limit). usage : account_id → usage billed, of the
    accounts that pay.

    >>> table = contract_classes(pd.Series({"a": 80, "b": 150, "c": 70}), pd.Series({"a": 100, "b": 100, "c": 60}),
    ...                          pd.Series({"a": 80, "b": 300}))
    >>> table[["use", "accounts", "calls", "billed_minor"]].values.tolist()
    [['free', 1, 60, 0.0], ['free, beyond the quota', 1, 10, 0.0], ['committed', 2, 180, 280.0], ['overage', 1, 50, 100.0]]
    """
    limit = quota.reindex(calls.index).astype("float64")
    limit = limit.where(limit > 0, np.inf)
    within = np.minimum(calls, limit).astype("int64")
    beyond = calls.astype("int64") - within
    pays = calls.index.isin(usage.index)
    each = (usage.reindex(calls.index).fillna(0).astype("float64") / calls).where(calls > 0, 0.0)
    rows = []
    for name, part, who in (
        ("free", within, ~pays), ("free, beyond the quota", beyond, ~pays), ("committed", within, pays), ("overage", beyond, pays),
    ):  # fmt: skip
        mine = part[who]
        rows.append((name, int((mine > 0).sum()), int(mine.sum()), float((mine * each[who]).sum())))
    table = pd.DataFrame(rows, columns=["use", "accounts", "calls", "billed_minor"])
    total = table["calls"].sum()
    table.insert(3, "share", table["calls"] / total if total else np.nan)
    return table
