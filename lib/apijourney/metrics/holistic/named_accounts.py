"""Which accounts should somebody talk to this month, why, and what is at stake?

Unit: an account, once, with all its reasons. Revenue decides the order, because time is short; but
every reason that occurs has at least one account in the list, because a reason nobody pays for yet is
how the next customers are lost. A reason is an observation; all of an account's reasons together give one advice.
"""

import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.remember import remembered
from apijourney.facts.study import as_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.ledger import recurring_lines, usage_is_late
from apijourney.metrics.holistic.advice import advice
from apijourney.metrics.holistic.reasons_to_act import REASONS

NO_OWNER = "no owner named"
COLUMNS = ["account_id", "name", "reason", "advice", "evidence", "mrr_minor", "owner", "since"]


def named_accounts(study, most: int = 10) -> pd.DataFrame | NotMeasurable:
    """Name at most so many accounts to act on, those with the most revenue at stake first.

    study : see `open_study`, or a workbook, as in `measure`. most : how many at most, from 1 on.

    Returns
    -------
    One row an account: account_id, name (the id where no name is known), reason and evidence (all that
    hold, joined by "; "), advice (one, see `advice`), mrr_minor (float minor units, see `mrr_at_stake`; NaN = MRR not measurable),
    owner ("no owner named" where empty), since (local day, the earliest of its reasons). Empty where
    nothing calls for action. A reason that cannot be measured is not looked for; see `reasons_found`.

    The order: MRR, then how many reasons an account has, then the order of `REASONS`, then how urgent the
    reason's own module finds it, then the id. Every reason that occurs keeps at least one account
    (while `most` allows it), in place of the last accounts whose reasons occur above.
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise WorkbookError(f"named_accounts(most): expected a whole number from 1 on, not {most!r}.")
    study = as_study(study, where="named_accounts(study)")
    found = _found_reasons(study)
    measurable = {name: table for name, table in found.items() if not isinstance(table, NotMeasurable)}
    if not measurable:
        first = next(iter(found.values()))
        return NotMeasurable("Accounts to act on", first.reason)
    ranked = rank(measurable, mrr_at_stake(study))
    chosen = choose(ranked, most)
    chosen = chosen.assign(reason=["; ".join(r) for r in chosen["reasons"]], advice=[advice(r) for r in chosen["reasons"]])
    return _named(chosen, study)[COLUMNS]


def reasons_found(study) -> pd.DataFrame:
    """How many accounts has each reason, and which reasons could not be looked for?

    Returns one row a reason: reason, rule (in words), accounts (NaN = not measurable), mrr_minor (of them
    together; NaN = not measurable), why_not (what to add; empty where it was measured).
    """
    mrr, rows = mrr_at_stake(study), []
    for reason in REASONS:
        table = _found_reasons(study)[reason.name]
        if isinstance(table, NotMeasurable):
            rows.append((reason.name, reason.rule, float("nan"), float("nan"), table.reason))
            continue
        stake = float("nan") if mrr is None else float(mrr.reindex(table["account_id"]).fillna(0).sum())
        rows.append((reason.name, reason.rule, float(len(table)), stake, ""))
    return pd.DataFrame(rows, columns=["reason", "rule", "accounts", "mrr_minor", "why_not"])


def account_names(study) -> dict[str, str]:
    """account_id → name, of the accounts that have one."""
    if not len(study.accounts):
        return {}
    named = study.accounts.drop_duplicates("account_id").dropna(subset="name")
    return dict(zip(named["account_id"].astype("str"), named["name"].astype("str").str.strip(), strict=True))


def mrr_at_stake(study) -> pd.Series | None:
    """MRR of each account in the study's month, or in the month before while its usage is still to be billed.

    Returns account_id → minor units (missing = 0), or None where MRR is not measurable.
    """
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return None
    late = usage_is_late(study) and len(study.all_months) > 1
    month = study.all_months[-2] if late else study.month
    return lines[lines["month"] == month].groupby("account_id")["mrr_minor"].sum()


def rank(found: dict[str, pd.DataFrame], mrr: pd.Series | None) -> pd.DataFrame:
    """Bring the accounts of all reasons into one order.

    found : reason → account_id, evidence, since, the most urgent first. mrr : from `mrr_at_stake`.
    Returns account_id, reasons (a tuple), evidence, since, mrr_minor; one row an account.
    """
    parts = [
        table.assign(reason=name, order=order, urgency=range(len(table)))
        for order, (name, table) in enumerate(found.items())
    ]
    rows = pd.concat(parts, ignore_index=True).sort_values(["order", "urgency"], kind="stable")
    table = rows.groupby("account_id", sort=True).agg(
        reasons=("reason", tuple), evidence=("evidence", "; ".join), since=("since", "min"), order=("order", "first"),
        urgency=("urgency", "first"), count=("reason", "size"),
    ).reset_index()  # fmt: skip
    known = table["account_id"].map(mrr).fillna(0) if mrr is not None else float("nan")
    table["mrr_minor"] = pd.Series(known, index=table.index, dtype="float64")
    keys = ["mrr_minor", "count", "order", "urgency", "account_id"]
    table = table.sort_values(keys, ascending=[False, False, True, True, True], ignore_index=True)
    return table[["account_id", "reasons", "evidence", "since", "mrr_minor"]]


def choose(ranked: pd.DataFrame, most: int) -> pd.DataFrame:
    """Take the first accounts, but at least one of every reason that occurs while there is room.

    >>> ranked = pd.DataFrame({"account_id": ["a", "b", "c"], "reasons": [("x",), ("x",), ("y",)]})
    >>> choose(ranked, 2)["account_id"].tolist()
    ['a', 'c']
    """
    first_of: dict[str, int] = {}
    for i, reasons in enumerate(ranked["reasons"]):
        for reason in reasons:
            first_of.setdefault(reason, i)
    kept = sorted(set(first_of.values()))[:most]
    others = [i for i in range(len(ranked)) if i not in set(kept)]
    return ranked.iloc[sorted(kept + others[: most - len(kept)])].reset_index(drop=True)


@remembered
def _found_reasons(study) -> dict[str, pd.DataFrame | NotMeasurable]:
    return {reason.name: reason.find(study) for reason in REASONS}


def _named(table: pd.DataFrame, study) -> pd.DataFrame:
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    for column, otherwise in (("name", table["account_id"]), ("owner", NO_OWNER)):
        known = table["account_id"].map(accounts[column]) if len(accounts) else pd.Series(pd.NA, index=table.index)
        known = known.astype("object").where(known.notna(), "").astype("str").str.strip()
        table = table.assign(**{column: known.where(known != "", otherwise)})
    return table
