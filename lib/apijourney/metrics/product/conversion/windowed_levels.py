"""How many steps would ClickHouse's `windowFunnel` count for each account?

Unit: the account. It is for comparing definitions side by side: one event may fill several equal
steps here, and a window is elapsed time. The workbook's own funnel is `funnel`.
"""

import numpy as np
import pandas as pd
from numba import njit

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.event_log import event_log
from apijourney.facts.steps import as_step
from apijourney.metrics.product.conversion.funnel import funnel_accounts
from apijourney.metrics.product.windows import as_window

MODES = ("strict_deduplication", "strict_order", "strict_increase", "allow_reentry", "strict_once")
_MOST_STEPS = 32


def windowed_levels(events, steps, *, window, modes=(), observed_until=None) -> pd.DataFrame:
    """How far did each account get, by the rules of `windowFunnel`?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    steps : 1 to 32 event names or `Step`s.
    window : seconds or a Timedelta, from the first step, end included.
    modes : any of "strict_deduplication" (a repeated step ends the search), "strict_order" (any
        other event ends it; with "allow_reentry", the first step may come again meanwhile),
        "strict_increase" (times must grow), or "strict_once" alone (an event fills one step).
    observed_until : first instant not observed (UTC).

    Returns
    -------
    One row an account with an event: account_id, level (0 = not even the first step).

    Source: ClickHouse, documentation of `windowFunnel` and test 00632_aggregation_window_funnel.
    Its versions differ in "allow_reentry"; this follows the one that published the test.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["sign_up", "call", "call"],
    ...     "occurred_at": ["2026-10-01T09:00", "2026-10-01T09:01", "2026-10-02"]})
    >>> windowed_levels(log, ["sign_up", "call"], window=60)
      account_id  level
    0          a      2
    1          b      0
    """
    modes = {modes} if isinstance(modes, str) else set(modes)
    for mode in sorted(modes - set(MODES)):
        raise unknown("mode", mode, MODES, where="windowed_levels")
    if "strict_once" in modes and len(modes) > 1:
        raise WorkbookError('modes: "strict_once" stands alone here; leave the others out.')
    kind, length = as_window(window)
    if kind != "micros":
        raise WorkbookError("window: give elapsed time here, as seconds or a Timedelta.")
    if isinstance(steps, str) or not 1 <= len(steps) <= _MOST_STEPS:
        raise WorkbookError(f"steps: give a list of 1 to {_MOST_STEPS} event names or Steps.")
    log = event_log(events, observed_until=observed_until)
    units = np.unique(log.account)
    if modes == {"strict_once"}:
        # Then it is the longest chain of different events in a window: the workbook's ordered funnel.
        found = funnel_accounts(log, steps, window=window, rules="posthog").set_index("account_id")["level"]
        level = found.reindex(log.accounts.take(units)).fillna(0).to_numpy().astype(np.int64)
    else:
        bits = np.zeros(len(log), np.int64)
        for k, step in enumerate(steps):
            bits |= log.mask(as_step(step)).astype(np.int64) << k
        flags = (mode in modes for mode in MODES[:4])
        level = _levels(log.account, log.time, bits, length, len(steps), len(units), *flags)
    return pd.DataFrame({"account_id": log.accounts.take(units), "level": level})


@njit(cache=True)
def _levels(account, time, bits, window, n_steps, n_units, once_each, in_order, increasing, reentry):
    """Level of each account. Events of one instant are read in the order of the steps they match."""
    out = np.zeros(n_units, np.int64)
    # Of the latest chain that reached step k: when it began and when it took the step.
    began, taken = np.zeros(n_steps, np.int64), np.zeros(n_steps, np.int64)
    reached = np.zeros(n_steps, np.bool_)
    lo, unit = 0, 0
    while lo < len(time):
        hi = lo + 1
        while hi < len(time) and account[hi] == account[lo]:
            hi += 1
        reached[:] = False
        done, a = -1, lo
        while a < hi and done < 0:
            b = a + 1
            while b < hi and time[b] == time[a]:
                b += 1
            for k in range(-1, n_steps):  # -1: events that match no step
                for e in range(a, b):
                    if done >= 0 or not (bits[e] == 0 if k < 0 else bits[e] >> k & 1):
                        continue
                    t = time[e]
                    if k < 0:
                        if in_order and reached[0]:
                            done = _top(reached)
                    elif k == 0 and in_order and n_steps > 1 and reached[1]:
                        if not reentry:  # the first step again, in the midst of a chain
                            done = _top(reached)
                    elif k == 0:
                        began[0], taken[0], reached[0] = t, t, True
                    elif once_each and reached[k]:
                        done = _top(reached)
                    elif in_order and reached[0] and not reached[k - 1]:
                        done = _top(reached)
                    elif reached[k - 1] and t <= began[k - 1] + window:
                        if not increasing or taken[k - 1] < t:
                            began[k], taken[k], reached[k] = began[k - 1], t, True
                            if k + 1 == n_steps:
                                done = n_steps
            a = b
        out[unit] = done if done >= 0 else _top(reached)
        unit += 1
        lo = hi
    return out


@njit(cache=True)
def _top(reached):
    """The highest level reached."""
    for k in range(len(reached), 0, -1):
        if reached[k - 1]:
            return k
    return 0
