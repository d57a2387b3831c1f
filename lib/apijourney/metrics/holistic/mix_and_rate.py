"""A rate moved: did the groups change how they do, or did the mix of groups change?

Unit: an account, in the month it began. The change of a share between two months is split, group by
group, into mix (more or fewer accounts of a group that does better or worse than the whole) and rate
(the group itself does better or worse). The parts add up to the change exactly. It says where a change
sits, not what caused it.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.holistic.changes import interval_of_difference
from apijourney.metrics.product.activation.activation_metrics import activated_share
from apijourney.metrics.product.conversion.journey_funnel import activation_cohort
from apijourney.metrics.uncertainty import wilson


def mix_and_rate(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Split the change of a share into mix and rate.

    Parameters
    ----------
    before, now : one row a group: group, numerator, denominator (accounts).

    Returns
    -------
    One row a group of either month, the largest total effect first, then "all together": group,
    n_before, n_now, weight_before, weight_now (share of the accounts), rate_before, rate_now (NaN =
    no account), mix, rate, total (parts of the change; total = mix + rate).

    With weights w, rates r and the mean R of the two overall rates:
    mix = (w_now − w_before) × ((r_now + r_before) / 2 − R), rate = (r_now − r_before) × (w_now + w_before) / 2.
    A group that is there in one month only has no rate to compare: all of its effect is mix.
    Source: Kitagawa (1955), Journal of the American Statistical Association 50, 1168-1194.

    >>> before = pd.DataFrame({"group": ["ads", "docs"], "numerator": [0, 2], "denominator": [1, 2]})
    >>> now = pd.DataFrame({"group": ["ads", "docs"], "numerator": [0, 1], "denominator": [2, 1]})
    >>> mix_and_rate(before, now)[["group", "mix", "rate", "total"]].round(3)
              group    mix  rate  total
    0           ads -0.167   0.0 -0.167
    1          docs -0.167   0.0 -0.167
    2  all together -0.333   0.0 -0.333
    """
    both = _side_by_side(before, now)
    k0, n0, k1, n1 = both.to_numpy(dtype=float).T
    mix, rate, rates = _parts(k0, n0, k1, n1)
    table = pd.DataFrame({
        "group": both.index.astype("str"), "n_before": n0, "n_now": n1, "weight_before": n0 / n0.sum(), "weight_now": n1 / n1.sum(),
        "rate_before": rates[0], "rate_now": rates[1], "mix": mix, "rate": rate, "total": mix + rate,
    })  # fmt: skip
    table = table.loc[table["total"].abs().sort_values(ascending=False, kind="stable").index]
    overall = (k0.sum() / n0.sum(), k1.sum() / n1.sum())
    whole = ["all together", n0.sum(), n1.sum(), 1.0, 1.0, *overall, mix.sum(), rate.sum(), (mix + rate).sum()]
    return pd.concat([table, pd.DataFrame([whole], columns=table.columns)], ignore_index=True)


def _side_by_side(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Numerators and denominators of both months, one row a group of either; 0 = no account."""
    columns = ["numerator", "denominator"]
    both = pd.concat([before.set_index("group")[columns], now.set_index("group")[columns]], axis=1, keys=["before", "now"])
    return both.fillna(0).sort_index()


def _parts(k0, n0, k1, n1):
    """mix, rate and the two rates of each group; counts may be arrays of draws × groups."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r0, r1 = np.where(n0 > 0, k0 / n0, np.nan), np.where(n1 > 0, k1 / n1, np.nan)
    here0, here1 = np.where(np.isnan(r0), r1, r0), np.where(np.isnan(r1), r0, r1)
    here0, here1 = np.nan_to_num(here0), np.nan_to_num(here1)
    all0, all1 = n0.sum(axis=-1, keepdims=True), n1.sum(axis=-1, keepdims=True)
    w0, w1 = n0 / all0, n1 / all1
    overall = (k0.sum(axis=-1, keepdims=True) / all0 + k1.sum(axis=-1, keepdims=True) / all1) / 2
    return (w1 - w0) * ((here0 + here1) / 2 - overall), (here1 - here0) * (w0 + w1) / 2, (r0, r1)


def parts_interval(before: pd.DataFrame, now: pd.DataFrame, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Between which bounds do mix, rate and the whole change lie, if other accounts like these had come?

    before, now : as in `mix_and_rate`. For mix and rate, accounts of either month are drawn with
        replacement. The whole change gets the interval it has in `changes`, whatever it is split by.
    Returns three rows: part ("mix", "rate", "total"), value, low, high (95 %).
    """
    point = mix_and_rate(before, now).iloc[-1]
    both = _side_by_side(before, now)
    rng, drawn = np.random.default_rng(seed), []
    for k, n in (both.iloc[:, :2].to_numpy().T, both.iloc[:, 2:].to_numpy().T):
        cells = np.concatenate([k, n - k])
        counts = rng.multinomial(int(cells.sum()), cells / cells.sum(), size=draws)
        drawn += [counts[:, : len(k)], counts[:, : len(k)] + counts[:, len(k) :]]
    mix, rate, _ = _parts(*drawn)
    totals = {"mix": mix.sum(axis=1), "rate": rate.sum(axis=1)}
    rows = [(part, point[part], *np.quantile(v, [0.025, 0.975])) for part, v in totals.items()]
    low, high, _ = interval_of_difference(_rate(before), _rate(now))
    return pd.DataFrame([*rows, ("total", point["total"], low, high)], columns=["part", "value", "low", "high"])


def _rate(groups: pd.DataFrame) -> dict:
    """The share of all groups together, with its interval."""
    k, n = groups["numerator"].sum(), groups["denominator"].sum()
    low, high = wilson(k, n)
    return {"value": k / n, "low": float(low), "high": float(high)}


@needs("accounts", "active", what="Mix and rate of activation")
def activation_counts(study, by: str, month: str = "") -> tuple[pd.DataFrame, pd.DataFrame, str] | NotMeasurable:
    """Activated accounts by group, of the latest month whose windows are closed and of the month before.

    by : "channel" or "segment" (at sign-up); unknown groups are one group, "unknown".
    month : another month, "2026-05". Returns (before, now, month); tables as `mix_and_rate` takes them.
    """
    share = activated_share(study)
    known = share.loc[share["value"].notna(), "month"]
    pairs = [m for m in known if str(pd.Period(m, "M") - 1) in set(known)]
    if not pairs or (month and month not in pairs):
        return NotMeasurable(
            "Mix and rate of activation",
            "two months in a row with closed windows are needed; choose a later month, or more months back.",
        )
    now = month or pairs[-1]
    cohort = activation_cohort(study)
    if cohort[by].isna().all():
        return NotMeasurable(f"Mix and rate of activation by {by}", f'no account has a {by}; add the column "{by}" to accounts.')
    began = local_days(cohort["created"].to_numpy(), study.zone).astype("datetime64[M]").astype(str)
    group = cohort[by].astype("object").where(cohort[by].notna(), "unknown").astype("str")
    counts = cohort.assign(group=group, began=began).groupby(["began", "group"])["activated"].agg(numerator="sum", denominator="size")
    return counts.loc[str(pd.Period(now, "M") - 1)].reset_index(), counts.loc[now].reset_index(), now


def activation_mix(study, by: str, month: str = "") -> tuple[pd.DataFrame, pd.DataFrame, str] | NotMeasurable:
    """Split the change of the activated share against the month before; see `activation_counts`.

    Returns the tables of `mix_and_rate` and `parts_interval`, and the month.
    """
    found = activation_counts(study, by, month)
    if isinstance(found, NotMeasurable):
        return found
    before, now, month = found
    return mix_and_rate(before, now), parts_interval(before, now), month
