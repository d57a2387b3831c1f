"""Which optional steps did an attempt take on its way?

Unit: an attempt whose required steps are known. An optional step is taken by the first event that
comes in its place: after the step taken before it, before the next required one (after the last one
taken, until the window closes), and not needed for a required step. One passed over stays untaken.
It never changes how far an attempt gets.
"""

import numpy as np
from numba import njit

from apijourney.metrics.product.conversion.sequence.built_from import sources_number
from apijourney.metrics.product.conversion.sequence.instants import give_row, instant_end, instant_start


def _compiled(built_from: int):
    @njit(cache=True)
    def fill_optional(account, time, bits, until, required, n_steps, rows):
        """Fill the optional steps of `rows` (attempt × step; -1 = not taken), in place.

        required : indexes of the required steps; until : last instant of each attempt
        bits : all steps a row matches, optional ones too
        """
        built_from  # noqa: B018 (a part of the compiled function's name, see `built_from`)
        queue = np.empty(n_steps, np.int64)
        for i in range(len(rows)):
            mine = rows[i]
            level = 0
            while level < len(required) and mine[required[level]] >= 0:
                level += 1
            a = mine[required[0]]
            unit = account[a]
            a = instant_start(time, a, 0)
            while account[a] != unit:  # another unit's row of the same instant
                a += 1
            hi = a
            while hi < len(time) and account[hi] == unit and time[hi] <= until[i]:
                hi += 1
            last, done = -1, 0  # the last step taken, and how many required ones
            while a < hi:
                b = instant_end(time, a, hi)
                owner = np.full(b - a, -1, np.int64)
                came_from = np.empty(b - a, np.int64)
                while done < level and time[mine[required[done]]] == time[a]:
                    done += 1
                before = required[done] if done < len(required) else n_steps
                for must in (True, False):
                    for s in range(last + 1, before):
                        is_required = False
                        for k in range(done):
                            is_required |= required[k] == s
                        if is_required == must:
                            give_row(bits, a, b, s, owner, came_from, queue, mine)
                for s in range(last + 1, before):
                    if mine[s] >= 0:
                        last = s
                if last + 1 >= before and done == level:
                    break
                a = b

    return fill_optional


fill_optional = _compiled(sources_number())
