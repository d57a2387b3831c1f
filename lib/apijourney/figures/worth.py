"""What accounts are worth: the way of MRR, cohorts of money, pay against cost, how unequal it is, what comes next."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from apijourney.figures.style import ACCENT, GOOD, INK, QUIET, WARM, annotate, month_axis, month_positions, new_axes
from apijourney.formats import money, money_alike, number
from apijourney.measurable import NotMeasurable, passes_on


@passes_on
def draw_waterfall(steps: pd.DataFrame, *, currency: str, title: str, ax: Axes | None = None) -> Axes:
    """Draw how MRR went from its opening to its closing, one bar a movement.

    steps : step, minor, from_minor, to_minor, from `movement_waterfall`.
    """
    ax = new_axes(ax, height=3.4)
    ends = steps["step"].isin(["opening", "closing"])
    color = np.where(ends, ACCENT, np.where(steps["minor"] >= 0, GOOD, WARM))
    x, low = np.arange(len(steps)), steps[["from_minor", "to_minor"]].min(axis=1)
    high = steps[["from_minor", "to_minor"]].max(axis=1)
    ax.bar(x, high - low, bottom=low, color=color, width=0.65, linewidth=0)
    ax.hlines(steps["to_minor"].iloc[:-1], x[:-1] + 0.33, x[1:] - 0.33, color=QUIET, linewidth=0.8)
    write = money_alike(steps["minor"], currency)
    for i, (minor, top, end) in enumerate(zip(steps["minor"], high, ends, strict=True)):
        text = write(minor) if end or minor < 0 else f"+{write(minor)}"
        ax.annotate(text, (i, top), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=8)
    ax.set_xticks(x, steps["step"], fontsize=9)
    ax.axhline(0, color=QUIET, linewidth=0.8)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: money(v, currency)))
    ax.margins(y=0.1)
    ax.set_title(title)
    return ax


@passes_on
def draw_revenue_cohorts(table: pd.DataFrame, *, min_n: int = 5, ax: Axes | None = None) -> Axes:
    """Draw what each cohort of new payers brings, as a share of its first whole month.

    table : from `revenue_cohorts`. Cells whose month is not over are blank; cohorts below `min_n` accounts say "too few".
    """
    shown = table.assign(share=table["share"].where(table["mature"] & (table["size"] >= min_n)))
    grid = shown.pivot(index="cohort", columns="period", values="share").sort_index()
    grid = grid.loc[:, grid.notna().any()] if grid.notna().any().any() else grid.iloc[:, :1]
    sizes = table.groupby("cohort")["size"].first()
    labels = [f"{c}  ({number(sizes[c])}{'' if sizes[c] >= min_n else ', too few'})" for c in grid.index]
    ax = new_axes(ax, height=0.3 * len(grid) + 1.2)
    text = grid.map(lambda v: "" if pd.isna(v) else f"{100 * v:.0f}")
    sns.heatmap(
        grid, ax=ax, annot=text, fmt="", vmin=0, center=1, vmax=2, cmap="RdBu", cbar=False, linewidths=1,
        linecolor="white", annot_kws={"fontsize": 8}, yticklabels=labels,
    )  # fmt: skip
    ax.set_xlabel("months since the first payment; per cent of the first whole month; red: less, blue: more; blank: not yet known", fontsize=8, color=QUIET, loc="left")
    ax.set_ylabel("")
    ax.tick_params(axis="both", rotation=0, length=0)
    ax.grid(visible=False)
    ax.set_title("What new payers bring, by the month they started (and how many)")
    return ax


@passes_on
def draw_pay_against_cost(margins: pd.DataFrame, *, month: str, currency: str, ax: Axes | None = None) -> Axes:
    """Draw each paying account of a month: what it pays and what it costs to serve, both on a scale of factors of ten.

    margins : from `account_margins`. An account that costs nothing has no place on such a scale; the legend counts it.
    """
    paying = margins[(margins["month"] == month) & (margins["mrr_minor"] > 0)]
    part = paying[paying["cost_minor"] > 0]
    ax = new_axes(ax, height=4.2)
    earns = part["margin_minor"] >= 0
    for rows, color, label in ((part[earns], ACCENT, "pays at least its cost"), (part[~earns], WARM, "pays less than it costs")):
        if len(rows):
            ax.scatter(rows["mrr_minor"], rows["cost_minor"], s=18, color=color, alpha=0.6, linewidth=0, label=f"{label} ({number(len(rows))})")
    if len(part):
        both = part[["mrr_minor", "cost_minor"]]
        low, high = both.min().min() * 0.7, both.max().max() * 1.4
        ax.plot([low, high], [low, high], color=INK, linewidth=1, linestyle="--", label="pays what it costs")
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(base=100))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda v, _: money(v, currency)))
    ax.set_xlabel("paid in the month (MRR)", fontsize=9)
    ax.set_ylabel("cost to serve it", fontsize=9)
    ax.set_title("Paying accounts: what they pay and what they cost")
    free = len(paying) - len(part)
    if free:
        ax.plot([], [], linestyle="none", label=f"{'costs' if free == 1 else 'cost'} nothing, not drawn ({number(free)})")
    if len(paying):
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_lorenz(curve: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the MRR the smallest accounts bring together. curve : from `lorenz`."""
    ax = new_axes(ax, height=3.8)  # as wide as the others: a page shows all figures alike, and letters with them
    ax.plot(curve["accounts_share"], curve["mrr_share"], color=ACCENT, label="paying accounts")
    ax.plot([0, 1], [0, 1], color=QUIET, linewidth=0.9, linestyle=":", label="if all paid alike")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xlabel("of the accounts, the smallest first", fontsize=9)
    ax.set_ylabel("of the MRR", fontsize=9)
    ax.set_title("How unequal the MRR is (Lorenz curve)")
    ax.legend(loc="upper left", fontsize=8)
    return ax


@passes_on
def draw_forecast(
    series: pd.DataFrame, ahead: pd.DataFrame, *, title: str, currency: str = "", notes: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes | NotMeasurable:  # fmt: skip
    """Draw a monthly series and its forecast with the bands of 80 and 95 %.

    series : month, value. ahead : from `forecast`. currency : of money in minor units; "" for a count.
    """
    ax = new_axes(ax, height=3.4)
    x, future = month_positions(series["month"]), month_positions(ahead["month"])
    ax.plot(x, series["value"], color=ACCENT, marker="o", markersize=4, label="so far")
    known = ahead["value"].notna().any()
    if known:
        for level, alpha in ((95, 0.13), (80, 0.25)):
            ax.fill_between(future, ahead[f"low{level}"], ahead[f"high{level}"], color=WARM, alpha=alpha, linewidth=0, label=f"{level} % interval")
        ax.plot(future, ahead["value"], color=WARM, marker="o", markersize=4, label="forecast")
    ax.set_ylim(bottom=0)
    write = (lambda v, _: money(v, currency)) if currency else (lambda v, _: number(v))
    ax.yaxis.set_major_formatter(FuncFormatter(write))
    ax.set_title(title)
    month_axis(ax, x.append(future) if known else x)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
