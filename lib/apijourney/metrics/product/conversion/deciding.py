"""Which events decide an ordered funnel, whatever its window?

Unit: an event. Most calls of an account come long after its last step and decide nothing. What is left is small, and
gives the same answers in any window, for any first steps of the funnel: so another window is answered at once.
It holds for funnels in order, without exclusions, optional steps or held properties, by the rules of the workbook.
"""

import numpy as np

from apijourney.facts.event_log import EventLog
from apijourney.facts.steps import Step
from apijourney.metrics.product.conversion.attempts import bits_of
from apijourney.metrics.product.conversion.sequence.advancing import advancing


def deciding_events(log: EventLog, steps: list[Step]) -> EventLog:
    """Keep the events that begin an attempt or take one a step further; the units keep their codes.

    >>> import pandas as pd
    >>> from apijourney.facts.event_log import event_log
    >>> log = event_log(pd.DataFrame({"account_id": ["a"] * 4, "event": ["call", "sign_up", "call", "call"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04"]}))
    >>> deciding_events(log, [Step("sign_up"), Step("call")]).to_frame()["occurred_at"].dt.day.tolist()
    [2, 3]
    """
    return log.select(np.flatnonzero(advancing(log.account, log.time, bits_of(log, steps), len(steps))))
