"""How fast is the error budget being spent, and would an alarm have said so in time?

Unit: five minutes of production calls; then an alarm. A burn rate of 1 spends the budget exactly over
its window; 14.4 spends a fiftieth of a month's in one hour. Each rule asks a long window, so that it
matters, and a short one, so that it is still going on. With few calls one failure burns fast, so a rule
also wants a fewest number of failed calls. It does not know who is on call, nor what was done.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.errors import WorkbookError
from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.infrastructure.incidents import known_incidents
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas, production_requests
from apijourney.metrics.registry import catalogued

BLOCK_MINUTES = 5
LEAST_FAILED = 5
_WORST_MINUTES = 3 * 1440
"""The longest of the windows below: in a shorter one, few companies have enough failures for a rate, but in an outage."""
_SRE = "Beyer et al. (2018), The Site Reliability Workbook, chapter 5"


@dataclass(frozen=True)
class BurnRule:
    """Alarm where both windows (minutes) burn at least `times` as fast as the promise allows."""

    name: str
    long: int
    short: int
    times: float


RULES = (
    BurnRule("1 hour and 5 minutes", 60, 5, 14.4),
    BurnRule("6 hours and 30 minutes", 360, 30, 6),
    BurnRule("3 days and 6 hours", 4320, 360, 1),
)
"""The pairs of windows and rates that the source recommends for a promise of 99.9 % over 30 days."""


def burn_rates(blocks: pd.DataFrame, minutes: int, *, slo: float) -> pd.DataFrame:
    """How fast was the budget spent in the `minutes` up to the end of each block?

    Parameters
    ----------
    blocks : block (naive UTC, start of five minutes, in order, without gaps), good, bad (calls).
    minutes : length of the window, a multiple of five. slo : the promised share of good calls.

    Returns
    -------
    One row a block: block, valid, bad (calls of the window), burn = bad / valid / (1 − slo): 0 nothing
    failed, 1 as much as is allowed; NaN where the window holds no valid call, or is not yet full.

    >>> blocks = pd.DataFrame({"block": pd.date_range("2026-02-01", periods=3, freq="5min"), "good": [99, 98, 100], "bad": [1, 2, 0]})
    >>> burn_rates(blocks, 10, slo=0.99)["burn"].round(2).tolist()
    [nan, 1.5, 1.0]
    """
    required(blocks, ["block", "good", "bad"], where="burn_rates(blocks)")
    width = minutes // BLOCK_MINUTES
    if minutes % BLOCK_MINUTES or width < 1:
        raise WorkbookError(f"burn_rates(minutes): must be a multiple of {BLOCK_MINUTES}, found {minutes}.")
    total = blocks[["good", "bad"]].cumsum()
    window = total - total.shift(width, fill_value=0)
    valid = window["good"] + window["bad"]
    full = np.arange(len(blocks)) >= width - 1
    burn = (window["bad"] / valid.where(valid > 0) / (1 - slo)).where(full)
    return pd.DataFrame({"block": blocks["block"], "valid": valid, "bad": window["bad"], "burn": burn})


def alarms(blocks: pd.DataFrame, rule: BurnRule, *, slo: float, least_failed: int = LEAST_FAILED) -> pd.DataFrame:
    """When would a rule have raised its alarm, and until when?

    blocks, slo : as in `burn_rates`. least_failed : fewest failed calls in the long window.
    Returns one row an alarm, in order: raised_at (naive UTC, the end of the first block at which both windows
    burnt at least rule.times), cleared_at (the end of the first block at which one did not; NaT = goes on).

    >>> blocks = pd.DataFrame({"block": pd.date_range("2026-02-01", periods=5, freq="5min"), "good": 90, "bad": [0, 0, 10, 0, 0]})
    >>> alarms(blocks, BurnRule("", 10, 5, 5), slo=0.99)
                raised_at          cleared_at
    0 2026-02-01 00:15:00 2026-02-01 00:20:00
    """
    long, short = (burn_rates(blocks, m, slo=slo) for m in (rule.long, rule.short))
    on = ((long["burn"] >= rule.times) & (short["burn"] >= rule.times) & (long["bad"] >= least_failed)).to_numpy()
    before = np.r_[False, on[:-1]]
    ends = (blocks["block"] + pd.Timedelta(minutes=BLOCK_MINUTES)).to_numpy("datetime64[us]")
    raised, cleared = ends[on & ~before], ends[~on & before]
    cleared = np.r_[cleared, np.repeat(np.datetime64("NaT", "us"), len(raised) - len(cleared))]
    return pd.DataFrame({"raised_at": raised, "cleared_at": cleared})


@remembered
@needs("requests", "requests.status", what="Burn rate")
def call_blocks(study) -> pd.DataFrame | NotMeasurable:
    """Good and bad production calls of every five minutes of the months shown: block (naive UTC), good, bad.

    Good and bad as in `outcomes`: a 429 is bad on the days on which the account had not used up its quota.
    """
    if not study.store.paths("calls", study.months):
        return NotMeasurable("Burn rate", f"there are no requests up to {study.month}; choose a later month.")
    calls = production_requests(study, study.months)
    calls = calls.mutate(block=(calls.occurred_at.epoch_seconds() // (60 * BLOCK_MINUTES)).cast("int64"))
    sums = calls.group_by("block").aggregate(
        good=(calls.status.between(100, 499) & (calls.status != 429)).sum(), bad=calls.status.between(500, 599).sum()
    )
    table = sums.order_by("block").to_pandas().set_index("block").fillna(0).astype("int64")
    shed = _shed(study, calls.filter(calls.status == 429))
    table = table.add(shed.to_frame("bad").reindex(columns=["good", "bad"], fill_value=0), fill_value=0).astype("int64")
    first, last = (v // (60_000_000 * BLOCK_MINUTES) for v in (study.bounds(study.months[0])[0], study.observed_until - 1))
    table = table.reindex(np.arange(max(first, study.observed_from // (60_000_000 * BLOCK_MINUTES)), last + 1), fill_value=0)
    instants = (table.index.to_numpy() * 60 * BLOCK_MINUTES).astype("datetime64[s]").astype("datetime64[us]")
    return table.reset_index(drop=True).assign(block=instants)[["block", "good", "bad"]]


def _shed(study, limited: ibis.Table) -> pd.Series:
    """Calls answered 429 that were not the customer's own quota, by block."""
    rows = limited.select("account_id", "block", "occurred_at").to_pandas()
    if rows.empty:
        return pd.Series(dtype="int64")
    counted = outcomes(daily_calls(study), quotas=dated_quotas(study), where="burn rate")
    shed = counted[(counted["status"] == 429) & (counted["bad"] > 0)]
    known = set(zip(shed["account_id"].fillna(""), shed["day"].to_numpy("datetime64[D]"), strict=True))
    days = local_days(rows["occurred_at"].to_numpy("datetime64[us]").astype("int64"), study.zone)
    mine = [(a, d) in known for a, d in zip(rows["account_id"].fillna(""), days, strict=True)]
    return rows[mine].groupby("block").size()


@passes_on
def alarms_of_study(study, *, rules: tuple[BurnRule, ...] = RULES) -> pd.DataFrame | NotMeasurable:
    """Would the rules have raised an alarm in each incident, and how often without one?

    rules : which to try; the three that the source recommends by default.
    Returns one row a rule: rule, times, would_fire (alarms in the months shown), in_incident (those raised
    within a known incident or the length of the rule's long window after it), without (the others),
    incidents (known, with production calls on record), noticed (with at least one alarm between their start and end), minutes
    (median from the start of an incident to its first alarm; NaN = none was noticed).
    """
    blocks, incidents = call_blocks(study), known_incidents(study)
    for found in (blocks, incidents):
        if isinstance(found, NotMeasurable):
            return found
    first, last = blocks["block"].iloc[0], study.until
    incidents = incidents.assign(ended_at=incidents["ended_at"].fillna(last))
    incidents = incidents[(incidents["ended_at"] > first) & (incidents["started_at"] < last)]
    rows = []
    for rule in rules:
        found = alarms(blocks, rule, slo=study.workbook.slo.availability)
        raised = found["raised_at"].to_numpy()
        tail = np.timedelta64(rule.long, "m")
        begins, ends = (incidents[c].to_numpy("datetime64[us]") for c in ("started_at", "ended_at"))
        inside = (raised[:, None] >= begins) & (raised[:, None] <= ends + tail)
        waits = [
            (raised[(raised >= a) & (raised <= b)].min() - a) / np.timedelta64(1, "m")
            for a, b in zip(begins, ends, strict=True) if ((raised >= a) & (raised <= b)).any()
        ]  # fmt: skip
        hits = int(inside.any(axis=1).sum())
        rows.append((rule.name, rule.times, len(raised), hits, len(raised) - hits, len(begins), len(waits),
                     float(np.median(waits)) if waits else np.nan))  # fmt: skip
    columns = ["rule", "times", "would_fire", "in_incident", "without", "incidents", "noticed", "minutes"]
    return pd.DataFrame(rows, columns=columns)


@catalogued(
    name="Fastest burn of the error budget", dimension="infrastructure", stage="measure",
    question="How many times as fast as allowed was the error budget spent in the worst three days?",
    formula="highest of failed calls / valid calls / (1 - slo.availability) over all three days of the month (72 hours that "
    f"end on five minutes) that hold at least {LEAST_FAILED} failed calls; 0 where no call of the month failed, not known "
    "where some failed and no three days hold so many",
    unit="ratio", direction="down", timing="leading", counter_metric="error_budget_left",
    gameable_by="a promise so low that nothing burns it", tables=("requests",), columns=("requests.status",), source=_SRE,
    counted="valid calls", whole_month=True,
)  # fmt: skip
def fastest_burn(study):
    blocks = call_blocks(study)
    if isinstance(blocks, NotMeasurable):
        return blocks
    burns = burn_rates(blocks, _WORST_MINUTES, slo=study.workbook.slo.availability)
    micros = blocks["block"].to_numpy("datetime64[us]").astype("int64")
    rows = []
    for month in study.months:
        begins, ends = study.bounds(month)
        inside = (micros >= begins) & (micros < ends)
        # The three days lie in the month as a whole; a block may begin it, not end the month before.
        whole = inside & (micros >= begins + (_WORST_MINUTES - BLOCK_MINUTES) * 60_000_000)
        enough = burns[whole & (burns["bad"] >= LEAST_FAILED).to_numpy()]
        good, bad = blocks.loc[inside, ["good", "bad"]].sum()
        value = 0.0 if good and not bad else enough["burn"].max()  # of none: NaN, too few failures to say
        rows.append((month, value, good + bad))
    return pd.DataFrame(rows, columns=["month", "value", "denominator"])
