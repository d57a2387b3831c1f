"""How do other tools count the same funnel?

Unit: a set of rules. The workbook's own are in `funnel`; the others are here to compare numbers with a
tool in use. PostHog and ClickHouse are followed by their source. Mixpanel and Amplitude are closed:
only what they publish is followed, and what they do not publish is refused with a sentence.
In none of the others is anything immature, and a day is 24 hours.

**PostHog** (source: `funnel-udf/src/steps.rs`, `unordered_steps.rs`, `trends.rs`). As the workbook on window
and re-entry. A spoiled attempt that leads further than every clean one, a step taken after its excluded event
included, takes the account out. An exclusion in an unordered funnel keeps the first step. "first" and "last"
are the first and last step at which the property is known. A trend is a separate funnel a period. Not followed:
its times are those of the latest way by which the furthest step is first reached, here of the earliest attempt;
by the property at a step, it counts an account once for each value with which that step can be taken, and
leaves out who did not take it; a trend with exclusions leaves out every entry that did not convert of an
account that once went on after an excluded event.

**Mixpanel** (docs: Funnels, "Advanced" and "FAQ", github.com/mixpanel/docs). An account enters once, with
its first step 1; a repeat of step 1 does not restart the window. Each later step is taken by its first
instance. Consecutive steps at most 2 s apart are interchangeable. An excluded event ends the attempt,
the steps taken by then stay. Totals: a new attempt begins after conversion, timeout or exclusion. With a
breakdown, uniques enter once a segment, after the last attempt has ended; "first" and "last" are the first
and last step at which the property is known. Held properties must be on every event; uniques hold the value
of the first step 1. A trend is a separate funnel a period. Not published, hence refused: events that could
take two different steps; partial counts in any order; exclusions together with held properties. Not
published either, and decided here: two seconds count inside; the grace lets an excluded event this close to
one of its two steps stand outside them; entries at one instant are one, the furthest of them counts.
Its option "optimized re-entry" is not followed.

**Amplitude** (docs: Funnel Analysis, "How Amplitude computes funnels", "How Amplitude handles simultaneous
events", "Hold properties constant", "FAQ"). Times are rounded to the second; steps within one second of each
other may stand in either order; equal events of one second count once. The earliest among the longest
paths counts. Held properties must be on every event, and each account and value counts as one more. The
segment is that of the first or of a given step. A trend credits the date of entry, and an account may count
in several. Not published, hence refused: when a new path begins in totals; where an exclusion ends a path;
partial counts in any order; which events stand between two steps of an exact order within a second; events
that could take two different steps. Decided here: in a path, each step takes its first event in place.

**ClickHouse** (source: `AggregateFunctionWindowFunnel.cpp`). `windowFunnel` without a mode: events of one
instant may stand in step order, one event may fill several equal steps, a later first step opens a new
attempt, the longest counts. Levels equal `windowed_levels`. It returns no times: those shown here are of the
earliest among the longest attempts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rules:
    """What a set of rules decides.

    calendar_days : days of the zone, not 24 hours; masks : attempts still open count nowhere
    first_entry : the first attempt counts, not the longest; each_period : a trend counts anew each period
    each_value : an account counts once for each held value; known_value : the segment is read at the
    first (last) step where it is known; once_a_segment : an account may enter each segment
    grace_us : steps this close may stand in either order; whole_seconds : times are rounded
    reuses : an event may fill several steps; keeps_first : a spoiled unordered attempt keeps step 1
    drops_lost : a spoiled attempt that leads further than every clean one takes the account out
    exclusive : an event that could take two different steps is refused
    most_steps : so many steps at most; refuses : what is asked → the sentence that refuses it
    """

    calendar_days: bool = False
    masks: bool = False
    first_entry: bool = False
    each_period: bool = False
    each_value: bool = False
    known_value: bool = False
    once_a_segment: bool = False
    grace_us: int = 0
    whole_seconds: bool = False
    reuses: bool = False
    keeps_first: bool = False
    drops_lost: bool = False
    exclusive: bool = False
    most_steps: int = 62
    refuses: Mapping[str, str] = field(default_factory=dict)


_OWN = 'use rules="workbook"'
RULES = {
    "workbook": Rules(calendar_days=True, masks=True),
    "posthog": Rules(
        each_period=True,
        known_value=True,
        keeps_first=True,
        drops_lost=True,
        refuses={"hold": f"hold: PostHog holds no property over an attempt; {_OWN}."},
    ),
    "mixpanel": Rules(
        first_entry=True,
        each_period=True,
        known_value=True,
        once_a_segment=True,
        grace_us=2_000_000,
        exclusive=True,
        refuses={
            "strict": f'order: Mixpanel has no strict order; take "ordered", or {_OWN}.',
            "unordered": "order: Mixpanel does not publish how it counts some steps in any order; "
            f'take "ordered", or {_OWN}.',
            "optional": f"optional: Mixpanel has no optional steps; {_OWN}.",
            "exclude and hold": "exclude: Mixpanel does not publish exclusions together with held "
            f"properties; leave one of them out, or {_OWN}.",
            "attribution all": "attribution: Mixpanel reads the segment at a step; "
            'take "first", "last" or the index of a step.',
        },
    ),
    "amplitude": Rules(
        each_period=True,
        each_value=True,
        grace_us=1_000_000,
        whole_seconds=True,
        exclusive=True,
        refuses={
            "strict": "order: Amplitude does not publish what stands between two steps of an exact order "
            f'within a second; take "ordered", or {_OWN}.',
            "unordered": "order: Amplitude does not publish how it counts some steps in any order; "
            f'take "ordered", or {_OWN}.',
            "totals": "count: Amplitude does not publish when a new path begins in totals; "
            f'take "uniques", or {_OWN}.',
            "exclude": "exclude: Amplitude does not publish which steps an excluded account keeps; "
            f"leave exclude out, or {_OWN}.",
            "optional": f"optional: Amplitude has no optional steps; {_OWN}.",
            "attribution all": "attribution: Amplitude reads the segment at one step; "
            'take "first" or the index of a step.',
            "attribution last": "attribution: Amplitude reads the segment at one step; "
            'take "first" or the index of a step.',
        },
    ),
    "clickhouse": Rules(
        reuses=True,
        most_steps=32,
        refuses={
            "strict": 'order: rules="clickhouse" is windowFunnel without a mode; take "ordered", '
            'or windowed_levels(…, modes="strict_order").',
            "unordered": 'order: windowFunnel knows no other order; take "ordered", or ' + _OWN + ".",
            "totals": f'count: windowFunnel gives one level for each account; take "uniques", or {_OWN}.',
            "exclude": f"exclude: windowFunnel has no exclusions; {_OWN}.",
            "optional": f"optional: windowFunnel has no optional steps; {_OWN}.",
            "hold": f'hold: windowFunnel holds no property; take by= with attribution="all", or {_OWN}.',
            **{
                f"attribution {kind}": "attribution: windowFunnel does not say which events it took; "
                f'take "all", or {_OWN}.'
                for kind in ("first", "last", "step")
            },
        },
    ),
}
