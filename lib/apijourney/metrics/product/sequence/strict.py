"""State machine of order "strict": the very next row must take the next step.

State: the level reached. Any row that takes no next step ends the attempt. Rows of one instant have
no order: a foreign row ends it only if it cannot stand before the first step or after the last taken.
"""

from numba import njit

from apijourney.metrics.product.sequence.instants import fill_next, instant_end


@njit
def strict_attempt(time, bits, a, hi, deadline, n_steps, rows):
    """Follow the attempt that begins at the instant of row a; return its level."""
    b = instant_end(time, a, hi)
    level = fill_next(bits, a, b, 0, n_steps, rows)
    while level < n_steps and b < hi and time[b] <= deadline:
        first, b = b, instant_end(time, b, hi)
        before = level
        level = fill_next(bits, first, b, level, n_steps, rows)
        if level - before < b - first:
            break
    return level
