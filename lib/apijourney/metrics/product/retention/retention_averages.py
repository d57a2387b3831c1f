"""Which average of cohorts is quoted? The same cells, averaged in the ways people do.

Unit: a cohort of accounts in a period after its start. The workbook pools mature cells; the other averages are here
to be recognised, not to be used. It does not say why cohorts differ.
"""

import pandas as pd

from apijourney.measurable import passes_on
from apijourney.metrics.product.retention.retention import retention_average

WAYS = ("pooled over known cells", "mean of the cohorts' rates", "latest known cohort", "young cohorts counted as lost")


@passes_on
def average_ways(triangle: pd.DataFrame, periods: tuple[int, ...] = (1, 3, 6)) -> pd.DataFrame:
    """Which share came back after k periods, by each way of averaging?

    triangle : from `retention`. periods : k; those that no cohort is known for are left out.

    Returns
    -------
    One row a way and period, in the order of `WAYS`: way, period, share, retained, size, cohorts (how many it is made
    of; retained is NaN for a mean). "young cohorts counted as lost" divides by the accounts of all cohorts, also of
    those whose period k is not over.

    >>> cells = pd.DataFrame({"cohort": pd.to_datetime(["2026-08-01", "2026-09-01", "2026-10-01"]), "period": 1,
    ...     "size": [90, 10, 100], "retained": [45, 9, 0], "mature": [True, True, False]})
    >>> average_ways(cells, (1,))["share"].round(2).tolist()
    [0.54, 0.7, 0.9, 0.27]
    """
    cells = triangle[triangle["size"] > 0]
    everybody = int(cells.groupby("cohort")["size"].first().sum())
    pooled, mean = (retention_average(cells, how).set_index("period") for how in ("pooled", "mean"))
    rows = []
    for k in periods:
        if k not in pooled.index:
            continue
        row = pooled.loc[k]
        last = cells[(cells["period"] == k) & cells["mature"]].sort_values("cohort").iloc[-1]
        n = int(row["cohorts"])
        rows += [
            (0, k, row["share"], row["retained"], row["size"], n),
            (1, k, mean.loc[k, "share"], float("nan"), row["size"], n),
            (2, k, last["retained"] / last["size"], last["retained"], last["size"], 1),
            (3, k, row["retained"] / everybody, row["retained"], everybody, cells["cohort"].nunique()),
        ]
    table = pd.DataFrame(rows, columns=["way", "period", "share", "retained", "size", "cohorts"])
    table = table.sort_values(["way", "period"], ignore_index=True)
    return table.assign(way=[WAYS[w] for w in table["way"]])
