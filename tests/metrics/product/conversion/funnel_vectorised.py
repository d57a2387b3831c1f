"""The definition of a funnel for very many small logs at once, as plain comparisons of arrays.

A log is a row: `letter[i, j]` is what happened at `at[i, j]` (milliseconds). A step is a letter, so that
no event could take two different steps. Every event is tried as the entry of an attempt.
"""

import numpy as np

A, B, C, X, NOTHING = range(5)
GRACE = {"mixpanel": 2000, "amplitude": 1000}
NEVER = 1 << 40


def random_logs(seed: int, n: int, *, most: int = 8, ties: bool = True, step_ms: int = 1000):
    """n logs of up to 8 events each. With ties: at one of nine instants; without: at instants of their own."""
    rng = np.random.default_rng(seed)
    letter = rng.choice([A, B, C, X, NOTHING], (n, most), p=[0.3, 0.25, 0.2, 0.1, 0.15]).astype(np.int8)
    if ties:
        return letter, rng.integers(0, 9, (n, most)) * step_ms
    return letter, rng.permuted(np.tile(np.arange(most), (n, 1)), axis=1) * step_ms


def levels(letter, at, steps, *, window, order="ordered", rules="workbook", exclude=False):
    """Level of each log (0: in no row), and when its counted attempt began. exclude: X, first to last step."""
    if rules == "amplitude":
        at = (at + 500) // 1000 * 1000
        letter = letter.copy()
        for j in range(1, letter.shape[1]):
            again = ((letter[:, :j] == letter[:, [j]]) & (at[:, :j] == at[:, [j]])).any(axis=1)
            letter[again, j] = NOTHING
    follow = {"ordered": _ordered, "strict": _strict, "unordered": _unordered}[order]
    level, start, lost = np.zeros(len(letter), np.int64), np.full(len(letter), NEVER), np.zeros(len(letter), np.int64)
    for j in range(letter.shape[1]):
        entered = np.isin(letter[:, j], steps if order == "unordered" else steps[:1])
        reached = np.where(entered, follow(letter, at, j, steps, window, rules, exclude), 0)
        if rules == "mixpanel":
            better = entered & (at[:, j] < start)
        else:
            better = (reached > level) | ((reached == level) & (reached > 0) & (at[:, j] < start))
        level, start = np.where(better, reached, level), np.where(better, at[:, j], start)
        lost = np.maximum(lost, -reached)
    return np.where(lost > level, 0, level), start


def _ordered(letter, at, j, steps, window, rules, exclude):
    """Level; of an attempt that PostHog loses, less than 0: the steps it took, one after its spoiling included."""
    n = np.arange(len(letter))
    grace = GRACE.get(rules, 0)
    until = at[:, j] + window
    used = np.zeros(letter.shape, dtype=bool)
    used[:, j] = rules != "clickhouse"
    taken = np.full((len(letter), len(steps)), NEVER)
    taken[:, 0] = at[:, j]
    for k, step in enumerate(steps[1:], start=1):
        fit = (letter == step) & ~used & (at >= taken[:, [k - 1]] - grace) & (at <= until[:, None])
        first = np.where(fit, at, NEVER).argmin(axis=1)
        some = fit.any(axis=1)
        taken[some, k] = at[n[some], first[some]]
        used[n[some], first[some]] = rules != "clickhouse"
    level = (taken < NEVER).sum(axis=1)
    if not exclude:
        return level
    whole = level == len(steps)
    end = np.where(whole, taken[:, -1] - grace, until + 1)
    spoils = (letter == X) & (at > taken[:, [0]] + grace) & (at < end[:, None])
    first = np.where(spoils, at, NEVER - 1).min(axis=1)  # a step taken later than this is lost, and all after it
    kept = np.logical_and.accumulate(taken <= first[:, None], axis=1).sum(axis=1)
    if rules == "mixpanel":
        return kept
    return np.where(spoils.any(axis=1), -np.minimum(kept + 1, level) if rules == "posthog" else 0, level)


def _strict(letter, at, j, steps, window, rules, exclude):
    level, now, going = np.ones(len(letter), np.int64), at[:, j], np.ones(len(letter), dtype=bool)
    for step in steps[1:]:
        later = np.where(at > now[:, None], at, NEVER)
        following = later.argmin(axis=1)
        now = later.min(axis=1)
        going &= (letter[np.arange(len(letter)), following] == step) & (now <= at[:, j] + window)
        level += going
    return level


def _unordered(letter, at, j, steps, window, rules, exclude):
    inside = (at >= at[:, [j]]) & (at <= at[:, [j]] + window)
    return sum(
        np.minimum(((letter == step) & inside).sum(axis=1), steps.count(step)) for step in sorted(set(steps))
    )
