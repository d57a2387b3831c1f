"""Time to production, split: how long do developers take, and how long do we keep them waiting?

Unit: an account created in the observed interval. Three legs: from opening to the request for production
access (theirs), from the request to the approval (ours), from the approval to the first successful production
call (theirs). It needs two events of the portal; without them the waiting looks like the developer's.
"""

import pandas as pd

from apijourney.facts.steps import Step
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import CALLS, NEVER, PRODUCTION_SUCCESS, created_times
from apijourney.metrics.product.marks import marked
from apijourney.metrics.product.conversion.time_to import time_to_summary

REQUESTED, APPROVED = "production_requested", "production_approved"
_NAME = "Time to production, split into the developer's time and our approval"


@needs("accounts", "requests", *CALLS, what=_NAME)
def production_legs(study) -> pd.DataFrame | NotMeasurable:
    """How long does each leg of the way to production take, and whose time is it?

    Returns
    -------
    One row a leg, in order: leg, whose ("developer" or "us"), and the columns of `time_to_summary`: n (began the
    leg), reached, censored, median, median_low, median_high, p90, … (NaT = not reached by so many).
    """
    log, created = study.events, created_times(study)
    missing = [e for e in (REQUESTED, APPROVED) if e not in log.events]
    if missing:
        return NotMeasurable(
            _NAME,
            f'no touchpoint {" and no touchpoint ".join(missing)} was seen; let the portal write one when a developer asks '
            "for production access, and one when we grant it.",
        )
    known = created[log.account] < NEVER
    steps = {"opened": "account_created", "asked": REQUESTED, "approved": APPROVED, "in production": PRODUCTION_SUCCESS}
    log = marked(log, {name: log.mask(Step(s) if isinstance(s, str) else s) & known for name, s in steps.items()})
    legs = [("opened", "asked", "developer"), ("asked", "approved", "us"), ("approved", "in production", "developer")]
    parts = []
    for start, end, whose in legs:
        found = time_to_summary(log, start, end, observed_until=study.observed_until)
        found.insert(0, "whose", whose)
        found.insert(0, "leg", f"{start} → {end}")
        parts.append(found)
    return pd.concat(parts, ignore_index=True)
