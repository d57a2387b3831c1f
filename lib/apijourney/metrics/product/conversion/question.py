"""What exactly is asked of a funnel, and does it make sense?

Unit: one question. This file reads and checks the arguments of `funnel`; a mistake in them, or a
combination that means nothing, ends in one sentence. It looks at no event.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.event_log import EventLog, event_log, zone_of
from apijourney.facts.steps import Exclude, Step, as_step
from apijourney.localtime import DAY_US
from apijourney.metrics.product.conversion.rules import RULES, Rules
from apijourney.metrics.product.windows import as_interval, as_window

ORDERS = ("ordered", "strict", "unordered")
COUNTS = ("uniques", "totals")
_MOST = 62  # exclusions: one bit each
_MOST_HELD = 3


@dataclass(frozen=True)
class Question:
    """A funnel's arguments, read and checked.

    required : indexes of the steps that are not optional; every : None, or period and first weekday
    of a trend that counts each period by itself
    """

    log: EventLog
    steps: list[Step]
    window: tuple[str, int]
    order: str
    exclude: list[Exclude]
    required: list[int]
    hold: tuple[str, ...]
    by: object
    attribution: str | int
    rules: Rules
    totals: bool
    entered: tuple[int | None, int | None]
    timezone: str
    every: tuple[str, str] | None = None

    def each(self, period: str, week_starts: str) -> "Question":
        """The same question for a trend."""
        return replace(self, every=(period, week_starts)) if self.rules.each_period else self


def ask(
    events, steps, *, window="14D", order="ordered", exclude=(), optional=(), hold=(), by=None,
    attribution="first", rules="workbook", count="uniques", entered=None, observed_until=None,
    timezone=None,
) -> Question:  # fmt: skip
    """Read a funnel's arguments; a mistake in them ends in one sentence."""
    for name, value, known in (("order", order, ORDERS), ("rules", rules, RULES), ("count", count, COUNTS)):
        if value not in known:
            raise unknown(name, value, known, where="funnel")
    those = RULES[rules]
    if isinstance(steps, str | Step) or not 1 <= len(steps) <= those.most_steps:
        raise WorkbookError(f"steps: give a list of 1 to {those.most_steps} event names or Steps.")
    steps = [as_step(step) for step in steps]
    skipped = _optional(optional, steps)
    exclude = [exclude] if isinstance(exclude, str | Exclude | Step) else list(exclude)
    hold = (hold,) if isinstance(hold, str) else tuple(hold)
    index = _is_index(attribution)
    if not (0 <= attribution < len(steps) if index else attribution in ("first", "last", "all")):
        raise WorkbookError(
            'attribution: use "first", "last", "all" or the index of a step, '
            f"0 to {len(steps) - 1}, not {attribution!r}."
        )
    _check_sense(those, order, count, exclude, skipped, hold, by, "step" if index else attribution)
    log = event_log(events, observed_until=observed_until)
    timezone = zone_of(events, timezone)
    for name, wanted in [("by", [by] if isinstance(by, str) else []), ("hold", hold)]:
        for one in wanted:
            if one not in log.properties:
                raise unknown("property", one, log.properties, where=name)
    kind, length = as_window(window)
    if kind == "days" and not those.calendar_days:
        kind, length = "micros", length * DAY_US
    required = [k for k in range(len(steps)) if k not in skipped]
    return Question(
        log, steps, (kind, length), order, [_exclusion(x, required, len(steps) - 1) for x in exclude],
        required, hold, by, attribution, those, count == "totals", as_interval(entered, timezone), timezone,
    )  # fmt: skip


def _check_sense(rules, order, count, exclude, optional, hold, by, attribution) -> None:
    """Refuse what has no meaning, and what these rules do not say."""
    if exclude and order == "strict":
        raise WorkbookError('exclude: any other event already ends a "strict" attempt; leave exclude out.')
    if optional and order == "strict":
        raise WorkbookError(
            'optional: a "strict" attempt ends at any event but the next step, so none may be missing; '
            'leave optional out, or take order="ordered".'
        )
    if optional and order == "unordered":
        raise WorkbookError(
            "optional: in an unordered funnel a step has no place in which it could be missing; "
            'leave optional out, or take order="ordered".'
        )
    if len(exclude) > _MOST:
        raise WorkbookError(f"exclude: give at most {_MOST} events.")
    if len(hold) > _MOST_HELD or len(set(hold)) < len(hold) or not all(isinstance(h, str) for h in hold):
        raise WorkbookError(f"hold: name at most {_MOST_HELD} properties, each once.")
    if not (by is None or isinstance(by, str | pd.Series)):
        raise WorkbookError("by: name a property, or give a Series account_id → segment.")
    asked = {
        order: True, count: True, "exclude": exclude, "optional": optional, "hold": hold,
        "exclude and hold": exclude and hold, f"attribution {attribution}": isinstance(by, str),
    }  # fmt: skip
    for what, is_asked in asked.items():
        if is_asked and what in rules.refuses:
            raise WorkbookError(rules.refuses[what])


def _is_index(value) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _optional(given, steps: list[Step]) -> set[int]:
    """Read which steps may be missing: indexes, or names as they stand in `steps`."""
    found = set()
    for one in [given] if isinstance(given, str | Step) or _is_index(given) else given:
        if _is_index(one):
            if not 0 <= one < len(steps):
                raise WorkbookError(f"optional: {one} is not the index of a step, 0 to {len(steps) - 1}.")
            found.add(int(one))
            continue
        step = as_step(one, where="optional")
        at = [k for k, other in enumerate(steps) if other == step]
        at = at or [k for k, other in enumerate(steps) if isinstance(one, str) and other.label == one]
        if not at:
            raise unknown("step", step.label, [s.label for s in steps], where="optional")
        if len(at) > 1:
            raise WorkbookError(f'optional: "{step.label}" is more than one step; give its index.')
        found.add(at[0])
    if 0 in found:
        raise WorkbookError("optional: the first step begins an attempt and cannot be missing; leave it out.")
    return found


def _exclusion(given, required: list[int], last: int) -> Exclude:
    """Read an exclusion. Its step indexes are counted among the required steps from here on."""
    given = given if isinstance(given, Exclude) else Exclude(given)
    before = required[-1] if given.before is None else given.before
    if not 0 <= given.after < before <= last:
        raise WorkbookError(
            f"exclude: after={given.after} and before={before} are not the indexes of an "
            f"earlier and a later step, 0 to {last}."
        )
    for name, at in (("after", given.after), ("before", before)):
        if at not in required:
            raise WorkbookError(f"exclude: {name}={at} is an optional step; name a required one.")
    return Exclude(as_step(given.event, where="exclude"), required.index(given.after), required.index(before))
