"""State machine of order "ordered" with exclusions: an excluded event between two steps spoils the way.

State: for each level the earliest way to it, and whether that way is clean or spoiled. A spoiled way
may be replaced by a later clean one; if the furthest level has only a spoiled way, the attempt is void.
"""

from numba import njit

from apijourney.metrics.product.sequence.instants import fill_next, instant_end

NOT_FOUND, CLEAN, SPOILED = 0, 1, 2


@njit
def excluding_attempt(
    time, bits, spoils, a, hi, deadline, n_steps, after, before, state, spoiled_at, chain, scratch
):
    """Follow the attempt that begins at the instant of row a; return (level, instant of its spoiling).

    state[k], spoiled_at[k], chain[k] : of the earliest way to k steps that is still clean, else of the
    last one. Level 0 means that the attempt is void.
    """
    state[:] = NOT_FOUND
    b = instant_end(time, a, hi)
    top = fill_next(bits, a, b, 0, n_steps, scratch)
    for k in range(1, top + 1):
        state[k] = CLEAN
        chain[k, :k] = scratch[:k]
    while state[n_steps] != CLEAN and b < hi and time[b] <= deadline:
        a, b = b, instant_end(time, b, hi)
        some, spoil = 0, 0
        for e in range(a, b):
            some |= bits[e]
            spoil |= spoils[e]
        _extend(time, bits, a, b, n_steps, some, state, chain, scratch)
        if not spoil:
            continue
        for x in range(len(after)):
            if spoil >> x & 1:
                for k in range(after[x] + 1, before[x] + 1):
                    if state[k] == CLEAN and time[chain[k, after[x]]] < time[a]:
                        state[k], spoiled_at[k] = SPOILED, time[a]
        # A step at the very instant of the excluded event is not spoiled by it: it may stand in now.
        _extend(time, bits, a, b, n_steps, some, state, chain, scratch)
    level = n_steps
    while state[level] == NOT_FOUND:
        level -= 1
    return (level, time[a]) if state[level] == CLEAN else (0, spoiled_at[level])


@njit
def _extend(time, bits, a, b, n_steps, some, state, chain, scratch):
    """Lead every clean way that ends before the instant a:b on, as far as no clean way leads yet."""
    for k in range(n_steps - 1, 0, -1):
        if state[k] == CLEAN and some >> k & 1 and time[chain[k, k - 1]] < time[a]:
            reached = fill_next(bits, a, b, k, n_steps, scratch)
            for m in range(k + 1, reached + 1):
                if state[m] != CLEAN:
                    state[m] = CLEAN
                    chain[m, :k] = chain[k, :k]
                    chain[m, k:m] = scratch[k:m]
