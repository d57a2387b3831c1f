"""The accounts to act on, as a reader sees them.

Unit: an account, and a reason that was looked for. Numbers and order are those of `named_accounts`; here they
are only written out. Nothing here is escaped: the page's template does that.
"""

import pandas as pd

from apijourney.formats import is_missing, money, number
from apijourney.measurable import NotMeasurable


def accounts_shown(named, found: pd.DataFrame, currency: str) -> dict:
    """Write the accounts to act on.

    named : from `named_accounts`. found : from `reasons_found`.
    Returns rows (account_id, name, reason, advice, evidence, stake, owner, since), not_measurable
    (what to add where nothing could be looked for, else empty) and reasons (reason, rule, accounts in words).
    """
    if isinstance(named, NotMeasurable):
        return {"rows": [], "not_measurable": named.reason, "reasons": []}
    rows = [
        {
            "account_id": r.account_id, "name": r.name, "reason": r.reason, "advice": r.advice, "evidence": r.evidence,
            "stake": _stake(r.mrr_minor, currency), "owner": r.owner, "since": f"{r.since:%Y-%m-%d}",
        }
        for r in named.itertuples(index=False)
    ]  # fmt: skip
    reasons = [_reason(r, currency) for r in found.itertuples(index=False)]
    return {"rows": rows, "not_measurable": "", "reasons": reasons}


def _stake(minor: float, currency: str) -> str:
    return "not known" if is_missing(minor) else money(minor, currency, whole=True)


def _reason(r, currency: str) -> dict:
    words = {"reason": r.reason.capitalize(), "rule": f"{r.rule[0].upper()}{r.rule[1:]}."}
    if is_missing(r.accounts):
        return words | {"accounts": f"not measurable, {r.why_not.rstrip('.')}"}
    count = f"{number(r.accounts)} account{'' if r.accounts == 1 else 's'}"
    worth = "" if is_missing(r.mrr_minor) or not r.accounts else f", {money(r.mrr_minor, currency)} of MRR"
    return words | {"accounts": count + worth}
