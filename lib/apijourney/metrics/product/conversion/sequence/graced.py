"""State machine of the rules of Mixpanel and Amplitude: steps close in time may stand in either order.

State: the row that took each step so far. The next step is taken by the first row, not yet used in the
attempt, that comes at most `grace` before the previous step. An excluded event ends the attempt; what
was taken by then stays.
"""

from apijourney.metrics.product.conversion.sequence.built_from import part


@part
def graced_attempt(time, bits, a, lo, hi, deadline, n_steps, grace, over, seen_from, seen_to, rows):
    """Follow the attempt that begins at the first row from a on with the first step; return its level.

    over : instant of the unit's last attempt; what happened up to it is used up
    seen_from, seen_to : between these rows step k does not occur (kept from attempt to attempt)
    """
    while not bits[a] & 1:
        a += 1
    rows[0], level = a, 1
    while level < n_steps:
        p = rows[level - 1]
        earliest = time[p] - grace
        while p > lo and time[p - 1] >= earliest and time[p - 1] > over:
            p -= 1
        while True:
            if not seen_from[level] <= p <= seen_to[level]:
                seen_from[level] = p
                while p < hi and not bits[p] >> level & 1:
                    p += 1
                seen_to[level] = p
            p = seen_to[level]
            used = False
            for k in range(level):
                used |= rows[k] == p
            if not used:
                break
            p += 1
        if p >= hi or time[p] > deadline:
            break
        rows[level] = p
        level += 1
    return level


@part
def first_spoiler(time, spoils, a, hi, deadline, level, after, before, grace, rows):
    """Return the row of the first excluded event that ends the attempt, or -1.

    It lies more than `grace` after the earlier of its two steps and, if the later one was taken, more
    than `grace` before it; otherwise inside the window.
    """
    found = -1
    for x in range(len(after)):
        if level <= after[x]:
            continue
        begin = time[rows[after[x]]] + grace
        converted = level > before[x]
        end = time[rows[before[x]]] - grace if converted else deadline
        for e in range(a, hi):
            if time[e] > end or (converted and time[e] == end) or (found >= 0 and e >= found):
                break
            if time[e] > begin and spoils[e] >> x & 1:
                found = e
                break
    return found
