"""State machine of order "strict": the very next row must take the next step.

State: the level reached. Any row that takes no next step ends the attempt. Rows of one instant have
no order: a foreign row ends it only if it cannot stand before the first step or after the last taken.
"""

from apijourney.metrics.product.conversion.sequence.built_from import part

from apijourney.metrics.product.conversion.sequence.instants import fill_next, instant_end


@part
def strict_attempt(time, bits, a, hi, deadline, n_steps, scratch, rows):
    """Follow the attempt that begins at the instant of row a; return its level.

    The first instant may fill several steps. Its other rows may stand before the first step, so that
    fewer of them may lead further: each number is tried, the highest first.
    """
    start = instant_end(time, a, hi)
    best = 0
    for filled in range(fill_next(bits, a, start, 0, n_steps, rows), 0, -1):
        level, b = fill_next(bits, a, start, 0, filled, scratch), start
        while level < n_steps and b < hi and time[b] <= deadline:
            first, b = b, instant_end(time, b, hi)
            before = level
            level = fill_next(bits, first, b, level, n_steps, scratch)
            if level - before < b - first:
                break
        if level > best:
            best = level
            for k in range(level):
                rows[k] = scratch[k]
    return best
