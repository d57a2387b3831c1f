"""State machine of order "ordered" with exclusions: an excluded event between two steps spoils the way.

State: for each level the earliest way to it, and whether that way is clean or spoiled. A spoiled way
may be replaced by a later clean one; if the furthest level has only a spoiled way, the attempt is void.
"""

from apijourney.metrics.product.conversion.sequence.built_from import part

from apijourney.metrics.product.conversion.sequence.instants import fill_next, instant_end

NOT_FOUND, CLEAN, SPOILED = 0, 1, 2


@part
def excluding_attempt(
    time, bits, spoils, a, hi, deadline, n_steps, after, before, state, spoiled_at, chain, scratch
):
    """Follow the attempt that begins at the instant of row a; return (level, instant of its spoiling, lost).

    state[k], spoiled_at[k], chain[k] : of the earliest way to k steps that is still clean, else of the
    last one. Level 0 means that the attempt is void; lost is then how many steps it took, one after its
    spoiling included.
    """
    state[:] = NOT_FOUND
    begin, b = a, instant_end(time, a, hi)
    top = fill_next(bits, a, b, 0, n_steps, scratch)
    for k in range(1, top + 1):
        state[k] = CLEAN
        for j in range(k):
            chain[k, j] = scratch[j]
    while state[n_steps] != CLEAN and b < hi and time[b] <= deadline:
        a, b = b, instant_end(time, b, hi)
        some, spoil = 0, 0
        for e in range(a, b):
            some |= bits[e]
            spoil |= spoils[e]
        _extend(time, bits, a, b, n_steps, some, 0, after, before, state, spoiled_at, chain, scratch)
        if not spoil:
            continue
        for x in range(len(after)):
            if spoil >> x & 1:
                for k in range(after[x] + 1, before[x] + 1):
                    if state[k] == CLEAN and time[chain[k, after[x]]] < time[a]:
                        state[k], spoiled_at[k] = SPOILED, time[a]
        # A step taken at the instant of the excluded event is not before it: it may stand in, even after
        # a way that this instant has just spoiled.
        _extend(time, bits, a, b, n_steps, some, spoil, after, before, state, spoiled_at, chain, scratch)
    level = n_steps
    while state[level] == NOT_FOUND:
        level -= 1
    if state[level] == CLEAN:
        return level, time[a], 0
    went_on = 0
    for e in range(begin, b):
        if time[e] > spoiled_at[level] and bits[e] >> level & 1:
            went_on = 1
    return 0, spoiled_at[level], level + went_on


@part
def _extend(time, bits, a, b, n_steps, some, spoil, after, before, state, spoiled_at, chain, scratch):
    """Lead every way that was clean before the instant a:b on, as far as no clean way leads yet.

    some : all steps that the instant's rows match; spoil : its exclusions. A way that one of them spoils
    at once is not taken.
    """
    for k in range(n_steps - 1, 0, -1):
        was_clean = state[k] == CLEAN or (state[k] == SPOILED and spoiled_at[k] == time[a])
        if was_clean and some >> k & 1 and time[chain[k, k - 1]] < time[a]:
            reached = fill_next(bits, a, b, k, n_steps, scratch)
            for m in range(k + 1, reached + 1):
                free = state[m] != CLEAN
                for x in range(len(after)):
                    if spoil >> x & 1 and after[x] < k and m <= before[x]:
                        free = False
                if free:
                    state[m] = CLEAN
                    for j in range(m):
                        chain[m, j] = chain[k, j] if j < k else scratch[j]
