"""What do the invoices of a study say, for the months and accounts it shows?

Unit: a revenue line, then an account and month. It binds the general functions (`mrr_movements`,
`net_revenue_retention`, `revenue_shares`) to a study and adds no rule of its own, except how to leave
the largest accounts out. It says how much, never why.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.business.ledger import billed_by_day, recurring_lines
from apijourney.facts.money.lines import CHARGES
from apijourney.metrics.business.movements import mrr_movement_accounts, mrr_movements
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention
from apijourney.metrics.business.revenue import concentration, revenue_shares

_ADDED, _TAKEN = ("new", "expansion", "reactivation"), ("contraction", "churn")


@needs("invoices", what="Revenue")
def revenue_at_a_glance(study) -> pd.DataFrame:
    """How many customers bought how often for how much, in all and in the month?

    Returns two rows, the whole observed interval and the month: period, customers (accounts with a
    line), lines, charged_minor, taken_off_minor (credits and refunds, ≤ 0), revenue_minor = the two
    together, to the cent. Lines count when they were issued.
    """
    lines = billed_by_day(study)
    first, last = (study.local_day(pd.Timestamp(t, unit="us")) for t in (study.observed_from, study.observed_until - 1))
    begins = np.datetime64(study.month, "M").astype("datetime64[D]")
    spans = {f"{first} to {last}": first, study.month: max(begins, first)}
    rows = []
    for period, begin in spans.items():
        part = lines[lines["day"] >= pd.Timestamp(begin)]
        charged = int(part.loc[~part["taken_off"], "minor"].sum())
        total = int(part["minor"].sum())
        rows.append((period, part["account_id"].nunique(), int(part["lines"].sum()), charged, total - charged, total))
    columns = ["period", "customers", "lines", "charged_minor", "taken_off_minor", "revenue_minor"]
    return pd.DataFrame(rows, columns=columns)


@needs("invoices", what="Revenue by kind")
def revenue_by_kind(study) -> pd.DataFrame:
    """What was billed in each month shown, by kind, and what was taken off again?

    Returns one row a month, int64 minor units: month, subscription_minor, usage_minor, one_off_minor,
    taken_off_minor (credits and refunds of any kind, ≤ 0), revenue_minor = the four together.
    """
    lines = billed_by_day(study)
    lines = lines[lines["day"] >= pd.Timestamp(study.local_day(pd.Timestamp(study.observed_from, unit="us")))]
    kind = lines["kind"].where(~lines["taken_off"], "taken_off")
    sums = lines.groupby([lines["month"], kind.rename("kind")])["minor"].sum().unstack()
    sums = sums.reindex(index=study.months, columns=[*CHARGES, "taken_off"]).fillna(0).astype("int64")
    sums.columns = [f"{c}_minor" for c in sums.columns]
    return sums.assign(revenue_minor=sums.sum(axis=1)).rename_axis("month").reset_index()


@remembered(most=2)
def recurring(study, *, include_usage: bool | None = None, leave_out: int = 0) -> pd.DataFrame | NotMeasurable:
    """MRR by account and month, as in `recurring_lines`, for the accounts that stay.

    include_usage : whether MRR includes usage; None = as the workbook file says.
    leave_out : how many of the accounts with the largest MRR in the study's month are left out of all
        months.
    """
    if isinstance(leave_out, bool) or not isinstance(leave_out, int | np.integer) or leave_out < 0:
        raise WorkbookError(f"leave_out: expected a whole number from 0 on, not {leave_out!r}.")
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    if include_usage is not None:
        usage = lines["usage_minor"] if include_usage else 0
        lines = lines.assign(mrr_minor=lines["subscription_minor"] + usage)
    largest = revenue_shares(lines, study.month)["account_id"].head(leave_out)
    return lines[~lines["account_id"].isin(largest)].reset_index(drop=True)


@needs("invoices", what="MRR movements")
def movements(study, *, months: int | None = None, **which) -> pd.DataFrame | NotMeasurable:
    """By which movements did MRR change in the months shown?

    months : how many months, the study's last; those shown by default. which : see `recurring`.
    Returns the table of `mrr_movements`: opening + movements = closing. The first observed month has
    no row.
    """
    if len(study.all_months) < 2:
        return NotMeasurable("MRR movements", _only_one_month(study))
    shown = study.months if months is None else study.all_months[-months:]
    return _shown(_movements(study, **which), shown)


@passes_on
def _shown(table: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    return table[table["month"].isin(months)].reset_index(drop=True)


@remembered
def _movements(study, **which) -> pd.DataFrame | NotMeasurable:
    """The movements of every month observed."""
    return _of_all_months(recurring(study, **which), study)


@passes_on
def _of_all_months(lines, study) -> pd.DataFrame:
    return mrr_movements(lines, months=study.all_months)


@passes_on
def movement_parts(table: pd.DataFrame, *, months: int = 3) -> pd.DataFrame:
    """The last months of `movements` as a sum to check: opening, the five movements, closing.

    Returns part and one column of int64 minor units a month. The rows from opening to churn add up to
    "sum of the above", which equals "closing", counted for itself.
    """
    last = table.tail(months).set_index("month")
    parts = last[["opening_minor", *(f"{m}_minor" for m in _ADDED + _TAKEN)]].T
    parts.index = ["opening", *_ADDED, *_TAKEN]
    parts.loc["sum of the above"] = parts.sum()
    parts.loc["closing"] = last["closing_minor"]
    parts.columns = list(parts.columns)
    return parts.astype("int64").rename_axis("part").reset_index()


@needs("invoices", what="MRR movements by account")
def largest_moves(study, *, most: int = 8) -> pd.DataFrame | NotMeasurable:
    """Which accounts moved MRR most in the study's month?

    Returns at most `most` rows of `mrr_movement_accounts`, the largest change first: account_id,
    movement, before_minor, after_minor, change_minor.
    """
    if len(study.all_months) < 2:
        return NotMeasurable("MRR movements by account", _only_one_month(study))
    return _largest_moves(recurring_lines(study), study, most)


@passes_on
def _largest_moves(lines, study, most: int) -> pd.DataFrame:
    moves = mrr_movement_accounts(lines, months=study.all_months)
    moves = moves[moves["month"] == study.month].drop(columns="month")
    order = moves.assign(size=-moves["change_minor"].abs()).sort_values(["size", "account_id"])
    return order.drop(columns="size").head(most).reset_index(drop=True)


def _only_one_month(study) -> str:
    return f"they compare a month with the one before, and {study.month} is the first observed; choose a later month."


@remembered
def retained(study, **which) -> pd.DataFrame | NotMeasurable:
    """Of the MRR of a year ago, how much do the same accounts bring in the study's month?

    which : see `recurring`. Returns the one row of `net_revenue_retention`; its values are NaN and
    mature False where a year ago was not observed.
    """
    return _retained(recurring(study, **which), study)


@passes_on
def _retained(lines, study) -> pd.DataFrame:
    return net_revenue_retention(lines, month=study.month)


def retained_without_largest(
    study, *, leave_out: int = 1, include_usage: bool | None = None
) -> pd.DataFrame | NotMeasurable:
    """Does the retained revenue hang on the largest accounts?

    leave_out : how many of the largest accounts of the month are left out of the rows that say so.
    include_usage : see `recurring`.
    Returns net and gross retention with and without them: group, value, low, high (95 %), numerator,
    denominator (minor units), accounts (how many paid a year ago), mature. A row is missing where
    nobody else paid a year ago.
    """
    names = {0: "all accounts", leave_out: f"without the {f'{leave_out} ' if leave_out > 1 else ''}largest"}
    tables = {n: retained(study, leave_out=k, include_usage=include_usage) for k, n in names.items()}
    return _side_by_side(study, *tables.items())


def _side_by_side(study, *tables: tuple[str, pd.DataFrame | NotMeasurable]) -> pd.DataFrame | NotMeasurable:
    rows = []
    for measure, top in (("nrr", "now_minor"), ("grr", "kept_minor")):
        for name, table in tables:
            if isinstance(table, NotMeasurable):
                return table
            row = table.iloc[0]
            rows.append(
                {"group": f"{measure.upper()}, {name}", "value": row[measure], "low": row[f"{measure}_low"],
                 "high": row[f"{measure}_high"], "numerator": row[top], "denominator": row["then_minor"],
                 "accounts": row["accounts"], "mature": row["mature"]}
            )  # fmt: skip
    known = pd.DataFrame(rows).dropna(subset="value").reset_index(drop=True)
    if len(known):
        return known
    first, earliest = study.all_months[0], str(np.datetime64(study.all_months[0], "M") + 12)
    if study.month >= earliest:
        return NotMeasurable("Net revenue retention", "nobody paid 12 months before; choose a later month or all segments.")
    return NotMeasurable(
        "Net revenue retention",
        f"it looks back 12 months, and the first month observed is {first}; choose {earliest} or a later month.",
    )


def paying_accounts(study, **which) -> pd.DataFrame | NotMeasurable:
    """Who pays in the study's month, the largest first? See `revenue_shares`; which : `recurring`."""
    return _somebody_pays(recurring(study, **which), study, revenue_shares)


def concentration_of_month(study, **which) -> pd.DataFrame | NotMeasurable:
    """On how few accounts does the MRR of the study's month rest? One row, see `concentration`."""
    return _somebody_pays(recurring(study, **which), study, concentration)


@passes_on
def _somebody_pays(lines, study, answer) -> pd.DataFrame | NotMeasurable:
    if not (lines.loc[lines["month"] == study.month, "mrr_minor"] > 0).any():
        return NotMeasurable("Concentration of MRR", f"nobody pays in {study.month}; choose another month or segment.")
    return answer(lines, study.month)
