"""State machine of ClickHouse's `windowFunnel`: one event may fill several steps that it matches.

State: the level reached and the instant it was reached at. The next step is taken by the first row at
that instant or later, the same row included.
"""

from apijourney.metrics.product.conversion.sequence.built_from import part

from apijourney.metrics.product.conversion.sequence.instants import instant_start


@part
def reusing_attempt(time, bits, a, hi, deadline, n_steps, pointer, rows):
    """Follow the attempt that begins at the instant of row a; return its level. `pointer`: see `ordered`."""
    first, level = a, 0
    while level < n_steps:
        p = max(pointer[level], first)
        while p < hi and not bits[p] >> level & 1:
            p += 1
        pointer[level] = p
        if p >= hi or time[p] > deadline:
            break
        rows[level] = p
        first = instant_start(time, p, a)
        level += 1
    return level
