"""The buckets of the latency histogram: fine enough that a percentile is within 1 % of the truth.

Unit: one call. Bucket b holds the latencies in (1.02^(b-1), 1.02^b] milliseconds; bucket 0 holds
1 ms and less. Histograms of parts add up to the histogram of the whole, which percentiles do not.
"""

import numpy as np

GROWTH = 1.02


def bucket_value(bucket) -> np.ndarray:
    """Return the latency in milliseconds that stands for a bucket: the middle of its relative error.

    >>> float(np.round(bucket_value(np.array([100]))[0], 3))
    7.173
    """
    bucket = np.asarray(bucket, dtype=float)
    return np.where(bucket <= 0, 1.0, GROWTH**bucket * 2 / (1 + GROWTH))


def bucket_of(latency_ms) -> np.ndarray:
    """Return the bucket of each latency in milliseconds (numpy; the engine uses `bucket_expression`).

    >>> bucket_of(np.array([0, 1, 7.2])).tolist()
    [0, 0, 100]
    """
    latency = np.maximum(np.asarray(latency_ms, dtype=float), 1.0)
    return np.ceil(np.log(latency) / np.log(GROWTH) - 1e-9).astype("int64")


def bucket_expression(latency):
    """The same bucket as an Ibis expression, for the engine."""
    import ibis

    return (ibis.greatest(latency, 1.0).ln() / float(np.log(GROWTH)) - 1e-9).ceil().cast("int64")
