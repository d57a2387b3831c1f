"""Which channel brings accounts that pay, and what does winning one cost there?

Unit: the channel of an account, over the months shown together: a month of one channel is too few. Costs that name no
channel, such as a sales team's, stand in a row of their own and in the total. No lag between spending and winning is
assumed, so a channel that grows looks dearer than it is.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.winning_metrics import WINNING, new_payers, no_winning_costs
from apijourney.metrics.business.serving import account_margins, cost_lines
from apijourney.metrics.business.value_metrics import value_by_month

NO_CHANNEL, TOGETHER = "(no channel)", "together"


@remembered
@needs("accounts", "costs", "invoices", what="Acquisition by channel")
def acquisition_by_channel(study) -> pd.DataFrame | NotMeasurable:
    """What did each channel cost and bring in the months shown?

    Returns the table of `acquisition`, the months being those shown whose marketing or sales costs are known.
    """
    new = new_payers(study)
    if isinstance(new, NotMeasurable):
        return new
    lines = cost_lines(study)
    lines = lines[lines["category"].isin(WINNING) & lines["month"].isin(study.months)]
    months = [m for m in study.months if m in set(lines["month"]) and m != study.all_months[0]]
    if not months and len(lines):
        reason = f"who starts to pay is known from the second month observed on; choose a month after {study.all_months[0]}."
        return NotMeasurable("Acquisition by channel", reason)
    if not months:
        return no_winning_costs(study, "Acquisition by channel")
    accounts = study.accounts.assign(month=study.local_month(study.accounts["created_at"]))
    margins, worth = account_margins(study), value_by_month(study)
    known = None if isinstance(margins, NotMeasurable) else margins[margins["month"].isin(months)]
    clv = np.nan if isinstance(worth, NotMeasurable) else worth["clv_minor"].iloc[-1]
    return acquisition(
        accounts[["account_id", "channel", "month"]], new[new["month"].isin(months)], lines[lines["month"].isin(months)], known,
        months=months, clv_minor=clv, min_n=study.workbook.definitions.min_n,
    )  # fmt: skip


def acquisition(
    accounts: pd.DataFrame, new: pd.DataFrame, costs: pd.DataFrame, margins: pd.DataFrame | None, *,
    months: list[str], clv_minor: float = np.nan, min_n: int = 5,
) -> pd.DataFrame:  # fmt: skip
    """Lay sign-ups, new payers and the cost of winning them out by channel.

    Parameters
    ----------
    accounts : account_id, channel (null = not known), month (of opening). new : account_id, month, of those who started to
        pay. costs : month, channel (null = none named), minor: marketing and sales. margins : account_id, mrr_minor,
        margin_minor by month, or None. months : the months that count. clv_minor : what a paying account is worth.
    min_n : channels that brought fewer payers say no cost for one.

    Returns
    -------
    One row a channel, the most payers first, then "(no channel)" and "together": channel, sign_ups, new_paying, cost_minor,
    cac_minor (cost for one new payer), margin_minor (mean monthly margin of the paying accounts of the channel; of all where it
    is "together"), payback_months (cac / margin; infinite where the margin is 0 or less), ltv_to_cac (clv_minor / cac_minor). NaN
    = too few, or not known. Costs of the rows add up to those of "together".
    """
    channel = accounts.set_index("account_id")["channel"].fillna(NO_CHANNEL)
    opened = accounts.loc[accounts["month"].isin(months), "channel"].fillna(NO_CHANNEL).value_counts()
    payers = new["account_id"].map(channel).fillna(NO_CHANNEL).value_counts()
    spent = costs.assign(channel=costs["channel"].fillna(NO_CHANNEL)).groupby("channel")["minor"].sum()
    table = pd.concat({"sign_ups": opened, "new_paying": payers, "cost_minor": spent}, axis=1).fillna(0).astype("int64")
    mean = pd.Series(dtype=float)
    if margins is not None:
        pays = margins[margins["mrr_minor"] > 0]
        by = pays["margin_minor"].groupby(pays["account_id"].map(channel).fillna(NO_CHANNEL))
        mean = by.mean()
        mean.loc[TOGETHER] = pays["margin_minor"].mean() if len(pays) else np.nan
    table = table.rename_axis("channel").reset_index()
    last = table["channel"] == NO_CHANNEL
    order = table.assign(last=last, n=-table["new_paying"]).sort_values(["last", "n", "channel"]).index
    table = table.loc[order]
    total = {"channel": TOGETHER} | table[["sign_ups", "new_paying", "cost_minor"]].sum().to_dict()
    table = pd.concat([table, pd.DataFrame([total])], ignore_index=True)
    enough = (table["new_paying"] >= min_n) & (table["cost_minor"] > 0)
    cac = (table["cost_minor"] / table["new_paying"]).where(enough)
    margin = table["channel"].map(mean).astype("float64")
    payback = pd.Series(np.where(margin > 0, cac / margin.where(margin > 0), np.inf)).where(cac.notna() & margin.notna())
    return table.assign(cac_minor=cac, margin_minor=margin, payback_months=payback, ltv_to_cac=clv_minor / cac)
