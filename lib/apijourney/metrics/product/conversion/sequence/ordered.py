"""State machine of order "ordered": the next step may come any time later, whatever lies between.

State: the level reached and the instant it was reached at. The attempt waits for the first row that
takes the next step, at that instant or later; other rows do not matter.
"""

from apijourney.metrics.product.conversion.sequence.built_from import part

from apijourney.metrics.product.conversion.sequence.instants import fill_next, instant_end, instant_start


@part
def ordered_attempt(time, bits, a, hi, deadline, n_steps, pointer, rows):
    """Follow the attempt that begins at the instant of row a; return its level.

    pointer[k] is a row before which step k need not be looked for: it only moves on, from attempt to
    attempt of a unit, so that a unit's rows are read once for each step.
    """
    b = instant_end(time, a, hi)
    level = fill_next(bits, a, b, 0, n_steps, rows)
    while level < n_steps:
        p = max(pointer[level], b)
        while p < hi and not bits[p] >> level & 1:
            p += 1
        pointer[level] = p
        if p >= hi or time[p] > deadline:
            break
        first, b = instant_start(time, p, b), instant_end(time, p, hi)
        level = fill_next(bits, first, b, level, n_steps, rows)
    return level
