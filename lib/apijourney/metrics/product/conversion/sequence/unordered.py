"""State machine of order "unordered": any step may come at any time, from any first one on.

State: which row holds which step. A row takes a step that is still free; if steps overlap, earlier
rows may move to make room. The level is the number of different steps taken.
"""

import numpy as np
from apijourney.metrics.product.conversion.sequence.built_from import part


@part
def fill_any(bits, e, holder, n_steps, overlap):
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


@part
def unordered_attempt(time, bits, a, hi, deadline, n_steps, holder, rows, overlap):
    """Count distinct steps from row a to the deadline; rows[k] is the row that made it k + 1."""
    holder[:] = -1
    level = 0
    e = a
    while e < hi and time[e] <= deadline and level < n_steps:
        if bits[e] and fill_any(bits, e, holder, n_steps, overlap):
            rows[level] = e
            level += 1
        e += 1
    return level


@part
def is_void(time, spoils, a, hi, deadline, level, rows, after, before):
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
