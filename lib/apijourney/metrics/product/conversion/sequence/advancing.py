"""Which rows can take any attempt of an ordered funnel a step further?

Unit: a row. An attempt that waits for step k moves on with the first row that can fill k, whatever its window, which
only cuts it short. So it is enough to know, at each row, for which steps some attempt of its unit may be waiting.
"""

import numba
import numpy as np


@numba.njit(cache=True)
def advancing(unit: np.ndarray, time: np.ndarray, bits: np.ndarray, n_steps: int) -> np.ndarray:
    """Mark the rows that begin an attempt or fill a step that an attempt may be waiting for.

    unit, time : sorted. bits : bit k where the row can fill step k; step 0 begins an attempt.
    Rows of one instant may fill steps in any order: all of them that fill anything are kept.
    """
    keep = np.zeros(len(unit), dtype=np.bool_)
    every = (1 << n_steps) - 1
    waiting = 0  # bit k: an attempt may be waiting for step k
    i = 0
    while i < len(unit):
        if i and unit[i] != unit[i - 1]:
            waiting = 0
        end = i + 1
        while end < len(unit) and unit[end] == unit[i] and time[end] == time[i]:
            end += 1
        if end - i == 1:
            b = bits[i]
            moved = waiting & b
            keep[i] = moved != 0 or b & 1 != 0
            waiting = ((waiting & ~moved) | (moved << 1) | ((b & 1) << 1)) & every
        else:
            together = 0
            for row in range(i, end):
                keep[row] = bits[row] != 0
                together |= bits[row]
            waiting |= (together & 1) << 1
            for _ in range(min(end - i, n_steps)):
                waiting |= ((waiting & together) << 1) & every
        i = end
    return keep
