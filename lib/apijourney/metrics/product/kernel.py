"""How far does each attempt get through a sequence of steps?

Unit: an attempt. It begins at an instant with a first step and ends at its deadline. These loops
read plain arrays sorted by (unit, time); one row may match several steps (a bit each) and fills at
most one. Rows of one instant have no order: they fill as many of the next steps as they can.
They judge nothing about percentages, zones or segments: see `funnel`.
"""

import numpy as np
from numba import njit

OUTSIDE, OPEN, CLOSED = 0, 1, 2  # may an attempt begin at this row, and is its window closed?


@njit(cache=True, inline="always")
def _instant_end(time, a, hi):
    b = a + 1
    while b < hi and time[b] == time[a]:
        b += 1
    return b


@njit(cache=True)
def _extend(bits, a, b, level, n_steps, rows):
    """Fill steps from `level` on with rows a:b of one instant; return the level reached."""
    if b - a == 1:
        if bits[a] >> level & 1:
            rows[level] = a
            return level + 1
        return level
    # Matching by augmenting paths: a row already used may move to another step it also matches.
    owner = np.full(b - a, -1, np.int64)
    came_from = np.empty(b - a, np.int64)
    queue = np.empty(n_steps, np.int64)
    step = level
    while step < n_steps:
        came_from[:] = -1
        queue[0], head, tail, free = step, 0, 1, -1
        while head < tail and free < 0:
            s = queue[head]
            head += 1
            for e in range(b - a):
                if came_from[e] < 0 and bits[a + e] >> s & 1:
                    came_from[e] = s
                    if owner[e] < 0:
                        free = e
                        break
                    queue[tail] = owner[e]
                    tail += 1
        if free < 0:
            break
        while True:
            s = came_from[free]
            previous = rows[s] - a
            owner[free], rows[s] = s, a + free
            if s == step:
                break
            free = previous
        step += 1
    return step


@njit(cache=True)
def _ordered_attempt(time, bits, a, hi, deadline, n_steps, pointer, rows, strict):
    """Follow one attempt from row a; return its level. `pointer` only moves on, attempt by attempt."""
    b = _instant_end(time, a, hi)
    level = _extend(bits, a, b, 0, n_steps, rows)
    while level < n_steps:
        if strict:
            p = b
        else:
            p = max(pointer[level], b)
            while p < hi and not bits[p] >> level & 1:
                p += 1
            pointer[level] = p
        if p >= hi or time[p] > deadline:
            break
        first = p
        while first > b and time[first - 1] == time[p]:
            first -= 1
        b = _instant_end(time, p, hi)
        before = level
        level = _extend(bits, first, b, level, n_steps, rows)
        if strict and level - before < b - first:
            break  # a row of this instant was no next step
    return level


@njit(cache=True)
def _excluding_attempt(
    time, bits, spoils, a, hi, deadline, n_steps, after, before, state, chain, scratch
):
    """Follow one attempt that excluded events may spoil; return (level, instant of spoiling).

    state[k] says of the earliest way to k steps: 0 not found, 1 clean, 2 spoiled. A spoiled way may
    be replaced by a later clean one. Level 0 means that the attempt is void.
    """
    state[:] = 0
    b = _instant_end(time, a, hi)
    top = _extend(bits, a, b, 0, n_steps, scratch)
    for k in range(1, top + 1):
        state[k] = 1
        chain[k, :k] = scratch[:k]
    spoiled_at = time[a]
    while state[n_steps] != 1 and b < hi and time[b] <= deadline:
        a, b = b, _instant_end(time, b, hi)
        some, spoil = 0, 0
        for e in range(a, b):
            some |= bits[e]
            spoil |= spoils[e]
        for k in range(n_steps - 1, 0, -1):
            if state[k] == 1 and some >> k & 1:
                reached = _extend(bits, a, b, k, n_steps, scratch)
                for m in range(k + 1, reached + 1):
                    if state[m] != 1:
                        state[m] = 1
                        chain[m, :k] = chain[k, :k]
                        chain[m, k:m] = scratch[k:m]
        if spoil:
            for x in range(len(after)):
                if spoil >> x & 1:
                    for k in range(after[x] + 1, before[x] + 1):
                        if state[k] == 1 and time[chain[k, after[x]]] < time[a]:
                            state[k] = 2
                            spoiled_at = time[a]
    level = n_steps
    while state[level] == 0:
        level -= 1
    return (level, spoiled_at) if state[level] == 1 else (0, spoiled_at)


@njit(cache=True)
def _fill_any(bits, e, holder, n_steps, overlap):
    """Let row e fill any step not yet filled, moving earlier rows if they overlap. True if it could."""
    for s in range(n_steps):
        if holder[s] < 0 and bits[e] >> s & 1:
            holder[s] = e
            return True
    if not overlap:
        return False
    came_from = np.full(n_steps, -2, np.int64)
    queue = np.empty(n_steps, np.int64)
    tail = 0
    for s in range(n_steps):
        if bits[e] >> s & 1:
            came_from[s], queue[tail] = -1, s
            tail += 1
    head = 0
    while head < tail:
        s = queue[head]
        head += 1
        for other in range(n_steps):
            if came_from[other] == -2 and bits[holder[s]] >> other & 1:
                came_from[other] = s
                if holder[other] < 0:
                    while came_from[other] >= 0:
                        holder[other] = holder[came_from[other]]
                        other = came_from[other]
                    holder[other] = e
                    return True
                queue[tail] = other
                tail += 1
    return False


@njit(cache=True)
def _unordered_attempt(time, bits, a, hi, deadline, n_steps, holder, rows, overlap):
    """Count distinct steps from row a to the deadline; rows[k] is the row that made it k + 1."""
    holder[:] = -1
    level = 0
    e = a
    while e < hi and time[e] <= deadline and level < n_steps:
        if bits[e] and _fill_any(bits, e, holder, n_steps, overlap):
            rows[level] = e
            level += 1
        e += 1
    return level


@njit(cache=True)
def _void_unordered(time, spoils, a, hi, deadline, level, rows, after, before):
    """Does an excluded event fall strictly between the steps it must not come between?"""
    for x in range(len(after)):
        if level <= after[x]:
            continue
        begin = time[rows[after[x]]]
        end = time[rows[before[x]]] if level > before[x] else deadline
        for e in range(a, hi):
            if time[e] > end or (time[e] == end and level > before[x]):
                break
            if time[e] > begin and spoils[e] >> x & 1:
                return True
    return False


@njit(cache=True)
def attempts(
    account, time, bits, spoils, begins, deadline, n_steps, after, before, order, totals, overlap,
    keeps_first, size,
):
    """Find the attempts that count.

    account, time : sorted rows; bits : steps a row matches; spoils : exclusions it is
    begins : OUTSIDE, OPEN or CLOSED; deadline : last instant of an attempt begun here
    after, before : step indexes of each exclusion; order : 0 ordered, 1 strict, 2 unordered
    totals : every attempt counts, a new one beginning when the last has converted, run out or been
        spoiled; otherwise the earliest among the longest closed attempts of a unit, or of its open
        attempts if none is closed
    overlap : some row may match two different steps; keeps_first : a spoiled attempt keeps step 1
    size : upper bound of the number of attempts

    Returns (level, open, rows): steps reached (0 = void), whether the attempt is still open, and
    attempt × step the position of the row that filled it (-1 = none).
    """
    out_level = np.zeros(size, np.int64)
    out_open = np.zeros(size, np.bool_)
    out_rows = np.full((size, n_steps), -1, np.int64)
    pointer = np.zeros(n_steps, np.int64)
    rows, holder = np.empty(n_steps, np.int64), np.empty(n_steps, np.int64)
    state = np.zeros(n_steps + 1, np.int64)
    chain = np.empty((n_steps + 1, n_steps), np.int64)
    n, found, lo = len(time), 0, 0
    while lo < n:
        hi = lo + 1
        while hi < n and account[hi] == account[lo]:
            hi += 1
        pointer[:] = lo
        possible = n_steps
        if order == 2:  # what all its rows together could fill: no attempt needs to look for more
            possible = _unordered_attempt(
                time, bits, lo, hi, time[hi - 1], n_steps, holder, rows, overlap
            )
        best, best_open, seen, busy_until = 0, False, False, time[lo] - 1
        a = lo
        while a < hi:
            b = _instant_end(time, a, hi)
            begin, until = OUTSIDE, time[a]
            for e in range(a, b):
                if begins[e] != OUTSIDE:
                    begin, until = begins[e], deadline[e]
            if begin == OUTSIDE or (totals and time[a] <= busy_until):
                a = b
                continue
            if not totals and seen and ((begin == OPEN and not best_open) or best == possible):
                break
            spoiled_at = time[a]
            if order == 2:
                level = _unordered_attempt(time, bits, a, hi, until, n_steps, holder, rows, overlap)
                if len(after) and _void_unordered(
                    time, spoils, a, hi, until, level, rows, after, before
                ):
                    level = 1 if keeps_first else 0
            elif len(after):
                level, spoiled_at = _excluding_attempt(
                    time, bits, spoils, a, hi, until, n_steps, after, before, state, chain, rows
                )
                rows[:level] = chain[level, :level]
            else:
                level = _ordered_attempt(
                    time, bits, a, hi, until, n_steps, pointer, rows, order == 1
                )
            if totals or not seen or level > best:
                out_level[found], out_open[found] = level, begin == OPEN
                out_rows[found, :level] = rows[:level]
                best, best_open = level, begin == OPEN
                if totals:
                    if level == n_steps or (level and order == 1):
                        busy_until = time[rows[level - 1]]
                    else:
                        busy_until = until if level else max(time[a], spoiled_at - 1)
                    found += 1
                seen = True
            a = b
        if seen and not totals:
            found += 1
        lo = hi
    return out_level[:found], out_open[:found], out_rows[:found]
