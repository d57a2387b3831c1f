"""How do codes and integers become columns of the canonical tables?"""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import DAY, HOUR, NEVER, SECOND

INSTANT = pa.timestamp("us", tz="UTC")


def names(prefix: str, n: int, width: int = 5) -> np.ndarray:
    """Return n short ids.

    >>> names("acc_", 2).tolist()
    ['acc_00000', 'acc_00001']
    """
    return np.char.add(prefix, np.char.zfill(np.arange(n).astype(str), width))


def pick(values, codes: np.ndarray) -> pa.Array:
    """Return a string column of values by code; -1 is null.

    >>> pick(("eu", "us"), np.array([1, -1])).to_pylist()
    ['us', None]
    """
    codes = np.asarray(codes)
    indices = pa.array(codes.astype("int32"), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(values), pa.string())).cast(pa.string())


def instants(micros: np.ndarray) -> pa.Array:
    """Return an instant column; NEVER is null."""
    micros = np.asarray(micros, dtype="int64")
    return pa.array(micros, mask=micros == NEVER).cast(INSTANT)


def dates(days: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """Return a date column."""
    return pa.array(days.astype("datetime64[D]"), mask=missing).cast(pa.date32())


def late_and_twice(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw how late each row arrives (microseconds), and which rows are delivered twice.

    Nearly all arrive within seconds, 1.5 % hours to five days later, 0.4 % twice.
    """
    late = rng.random(n) < 0.015
    seconds = rng.integers(1, 6, n) * SECOND
    hours = np.exp(rng.uniform(np.log(1), np.log(119), n))
    delay = np.where(late, (hours * HOUR).astype("int64") // SECOND * SECOND, seconds)
    return np.minimum(delay, 5 * DAY), rng.random(n) < 0.004
