"""Which rows happened at one instant, and how many steps can they fill?

Unit: an instant of a unit's log. Its rows have no order: they fill as many of the next steps as they
can, each row one step. This is what makes a result independent of the order rows arrived in.
"""

import numpy as np
from apijourney.metrics.product.conversion.sequence.built_from import part


@part
def instant_end(time, a, hi):
    """Return the first row after the instant of row a."""
    b = a + 1
    while b < hi and time[b] == time[a]:
        b += 1
    return b


@part
def instant_start(time, a, lo):
    """Return the first row of the instant of row a."""
    while a > lo and time[a - 1] == time[a]:
        a -= 1
    return a


@part
def give_row(bits, a, b, step, owner, came_from, queue, rows):
    """Let `step` have one of the rows a:b. A row already given may move to another step it matches.

    owner : step of each row (-1 = free); rows : row of each step. Both are changed. An augmenting path
    is looked for, breadth first; without one nothing changes and the answer is False.
    """
    for e in range(b - a):
        came_from[e] = -1
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
        return False
    while True:
        s = came_from[free]
        previous = rows[s] - a
        owner[free], rows[s] = s, a + free
        if s == step:
            return True
        free = previous


@part
def fill_next(bits, a, b, level, n_steps, rows):
    """Fill the steps from `level` on with rows a:b of one instant; return the level reached."""
    if b - a == 1:
        if bits[a] >> level & 1:
            rows[level] = a
            return level + 1
        return level
    owner = np.full(b - a, -1, np.int64)
    came_from, queue = np.empty(b - a, np.int64), np.empty(n_steps, np.int64)
    while level < n_steps and give_row(bits, a, b, level, owner, came_from, queue, rows):
        level += 1
    return level
