"""Which attempts count, of all that a unit makes?

Unit: an attempt. One loop walks over the units and their first steps, lets one state machine follow
each attempt, and keeps those that count. It reads plain arrays sorted by (unit, time).
"""

import numpy as np
from numba import njit

from apijourney.metrics.product.conversion.sequence.built_from import sources_number
from apijourney.metrics.product.conversion.sequence.excluding import excluding_attempt
from apijourney.metrics.product.conversion.sequence.graced import first_spoiler, graced_attempt
from apijourney.metrics.product.conversion.sequence.instants import instant_end
from apijourney.metrics.product.conversion.sequence.ordered import ordered_attempt
from apijourney.metrics.product.conversion.sequence.reusing import reusing_attempt
from apijourney.metrics.product.conversion.sequence.strict import strict_attempt
from apijourney.metrics.product.conversion.sequence.unordered import is_void, unordered_attempt

OUTSIDE, OPEN, CLOSED = 0, 1, 2  # may an attempt begin at this row, and is its window closed?
LONGEST, FIRST, EVERY = 0, 1, 2  # which attempts of a unit count?


def _compiled(built_from: int):
    @njit(cache=True)
    def attempts(
        unit, time, bits, begins, deadline, group, n_steps, counted, size,
        ordered, strict, unordered, excluding, graced, reusing,
    ):  # fmt: skip
        """Find the attempts that count.

        unit, time : sorted rows; bits : steps a row matches
        begins : OUTSIDE, OPEN or CLOSED; deadline : last instant of an attempt begun here
        group : None, or a number (not 0) of attempts begun here: those of one number count by themselves
        counted : LONGEST, the earliest among the longest closed attempts of a unit, or of its open
            attempts if none is closed; FIRST, the first one; EVERY, one after the other, a new one
            beginning when the last has converted, run out or been spoiled
        size : upper bound of the number of attempts
        ordered … reusing : the state machine. One is given what it needs, the others are None, and
            are then not even compiled. ordered, strict, reusing : True. excluding : (spoils, after,
            before, drops), the exclusions a row is (bits) and the steps it must not come between, and
            whether an attempt lost further on than the longest clean one drops its unit.
            unordered : (overlap, keeps_first, spoils, after, before): may a row match two different
            steps, and does a spoiled attempt keep its first step? graced : (grace, spoils, after, before)

        Returns (level, open, rows): steps reached (0 = void), whether the attempt is still open, and
        attempt × step the position of the row that filled it (-1 = none).
        """
        built_from  # noqa: B018 (a part of the compiled function's name, see `built_from`)
        out_level = np.zeros(size, np.int64)
        out_open = np.zeros(size, np.bool_)
        out_rows = np.full((size, n_steps), -1, np.int64)
        pointer, rows = np.zeros(n_steps, np.int64), np.empty(n_steps, np.int64)
        if strict is not None:
            scratch = np.empty(n_steps, np.int64)
        if unordered is not None:
            holder = np.empty(n_steps, np.int64)
        if excluding is not None:
            state, spoiled_at = np.zeros(n_steps + 1, np.int64), np.zeros(n_steps + 1, np.int64)
            chain = np.empty((n_steps + 1, n_steps), np.int64)
        if graced is not None:
            seen_from = np.zeros(n_steps, np.int64)
        n, found, lo = len(time), 0, 0
        while lo < n:
            hi = lo + 1
            while hi < n and unit[hi] == unit[lo]:
                hi += 1
            pointer[:] = lo
            if graced is not None:
                seen_from[:], pointer[:] = lo, lo - 1
            possible = n_steps
            if unordered is not None:  # what all its rows together could fill: more is not to be had
                possible = unordered_attempt(
                    time, bits, lo, hi, time[hi - 1], n_steps, holder, rows, unordered[0]
                )
            best, best_open, seen, over = 0, False, False, time[lo] - 1
            now, furthest_lost = 0, 0
            a = lo
            while a < hi:
                b = instant_end(time, a, hi)
                begin, until, first = OUTSIDE, time[a], a
                for e in range(a, b):
                    if begins[e] != OUTSIDE:
                        begin, until, first = begins[e], deadline[e], e
                if begin == OUTSIDE:
                    a = b
                    continue
                if group is not None and group[first] != now:
                    if seen and counted != EVERY:
                        if furthest_lost > best:
                            out_level[found] = 0
                        found += 1
                    now, seen, over, furthest_lost = group[first], False, time[lo] - 1, 0
                if counted == EVERY:
                    if time[a] <= over:
                        a = b
                        continue
                elif seen and (counted == FIRST or best == possible or (begin == OPEN and not best_open)):
                    if group is None:
                        break
                    a = b
                    continue
                ends = until
                if ordered is not None:
                    level = ordered_attempt(time, bits, a, hi, until, n_steps, pointer, rows)
                if strict is not None:
                    level = strict_attempt(time, bits, a, hi, until, n_steps, scratch, rows)
                    ends = time[rows[level - 1]]
                if reusing is not None:
                    level = reusing_attempt(time, bits, a, hi, until, n_steps, pointer, rows)
                if unordered is not None:
                    overlap, keeps_first, spoils, after, before = unordered
                    level = unordered_attempt(time, bits, a, hi, until, n_steps, holder, rows, overlap)
                    if len(after) and is_void(time, spoils, a, hi, until, level, rows, after, before):
                        level = 1 if keeps_first else 0
                        ends = until if keeps_first else time[a]
                if excluding is not None:
                    spoils, after, before, drops = excluding
                    level, spoiled, lost = excluding_attempt(
                        time, bits, spoils, a, hi, until, n_steps, after, before, state, spoiled_at,
                        chain, rows,
                    )  # fmt: skip
                    for k in range(level):
                        rows[k] = chain[level, k]
                    if not level:
                        ends = max(time[a], spoiled - 1)
                    if drops:
                        furthest_lost = max(furthest_lost, lost)
                if graced is not None:
                    grace, spoils, after, before = graced
                    level = graced_attempt(
                        time, bits, a, lo, hi, until, n_steps, grace, over, seen_from, pointer, rows
                    )
                    spoiler = first_spoiler(
                        time, spoils, a, hi, until, level, after, before, grace, rows
                    )
                    if spoiler >= 0:
                        ends, kept = time[spoiler], 1
                        while kept < level and time[rows[kept]] <= ends:
                            kept += 1
                        level = kept
                if level == n_steps:
                    ends = time[a]
                    for k in range(n_steps):
                        ends = max(ends, time[rows[k]])
                if counted == EVERY or not seen or level > best:
                    out_level[found], out_open[found] = level, begin == OPEN
                    for k in range(level):
                        out_rows[found, k] = rows[k]
                    best, best_open, seen = level, begin == OPEN, True
                    if counted == EVERY:
                        found, over = found + 1, ends
                a = b
            if seen and counted != EVERY:
                if furthest_lost > best:
                    out_level[found] = 0
                found += 1
            lo = hi
        return out_level[:found], out_open[:found], out_rows[:found]

    return attempts


attempts = _compiled(sources_number())
