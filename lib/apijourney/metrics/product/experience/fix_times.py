"""How long does a faulty release stay the newest before its fix is out?

Unit: a fix: a release that raises only the last of three numbers of a version (2.3.0 → 2.3.1). By the rules of semantic
versioning such a release adds nothing, it mends the one before. From what was mended to the fix is
the time to fix. Whether anybody was hurt meanwhile is in `versions` and `incidents`, how long those
lasted is the mean time to repair.

Source of the rule: Preston-Werner, Semantic Versioning 2.0.0, rule 6.
"""

import re

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.experience.versions import version_use
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import median_interval

_WINDOW_MONTHS = 12
_VERSION = re.compile(r"^(.*?)\s*v?(\d+)\.(\d+)\.(\d+)$")
_SEMVER = "Preston-Werner, Semantic Versioning 2.0.0, rule 6"


def fixes(releases: pd.DataFrame) -> pd.DataFrame:
    """Which releases mend an earlier one, and how long did it take?

    releases : released_at (naive UTC), version, such as "python 2.3.1": what comes before the three numbers names the line.
    Returns one row a fix, in order: fixed (the version mended: the highest below it that differs only in the last number and came
    out earlier), version, released_at, days (between the two).

    >>> releases = pd.DataFrame({"version": ["py 2.3.0", "py 2.3.1", "py 2.4.0"], "released_at": pd.to_datetime(["2026-04-01", "2026-04-11", "2026-05-01"])})
    >>> fixes(releases)[["fixed", "version", "days"]]
          fixed   version  days
    0  py 2.3.0  py 2.3.1  10.0
    """
    required(releases, ["released_at", "version"], where="fixes(releases)")
    parts = releases["version"].fillna("").astype("str").str.extract(_VERSION)
    table = releases.assign(line=parts[0], series=parts[1] + "." + parts[2], last=pd.to_numeric(parts[3]))
    table = table.dropna(subset=["line", "last"]).sort_values("released_at")
    rows = []
    for one in table.itertuples():
        same = table[(table["line"] == one.line) & (table["series"] == one.series) & (table["last"] < one.last)]
        same = same[same["released_at"] < one.released_at]
        if len(same):
            before = same.loc[same["last"].idxmax()]
            rows.append((before["version"], one.version, one.released_at, (one.released_at - before["released_at"]) / pd.Timedelta(days=1)))
    return pd.DataFrame(rows, columns=["fixed", "version", "released_at", "days"])


@remembered
@needs("releases", what="Time to fix")
def fixes_of_study(study) -> pd.DataFrame:
    """`fixes` of all releases known at the end of the study's month, with month (local), and of SDKs

    still (accounts with a successful production call in the study's month on the version mended) and users (on any version of
    that SDK); both NaN where the line is no SDK that calls name.
    """
    found = fixes(study.table("releases"))
    use = version_use(study)
    used = pd.DataFrame(columns=["sdk", "sdk_version", "account_id"]) if isinstance(use, NotMeasurable) else use[use["month"] == study.month]
    counts = [_users(used, version) for version in found["fixed"]]
    still, users = np.array(counts, dtype=float).reshape(-1, 2).T
    month = study.local_month(found["released_at"]) if len(found) else pd.Series(dtype="str")
    return found.assign(month=month, still=still, users=users)


def _users(used: pd.DataFrame, version: str) -> tuple[float, float]:
    line, _, number = version.rpartition(" ")
    mine = used[used["sdk"] == line]
    users = mine["account_id"].nunique()
    return (mine.loc[mine["sdk_version"] == number, "account_id"].nunique(), users) if users else (np.nan, np.nan)


@catalogued(
    name="Time to fix", dimension="product", stage="scale",
    question="How long does a faulty release stay before its fix is out?",
    formula="median days from a release to the one that raises only the last of its three numbers, of the fixes that came out in "
    "the 12 months that end with the month; not known where none did. The interval needs six fixes: of fewer, no two "
    "enclose the median with 95 %",
    unit="days", direction="down", timing="lagging", counter_metric="release_frequency",
    gameable_by="hiding the fix in the next feature release", tables=("releases",), source=_SEMVER, counted="fixes",
    whole_month=True,
)  # fmt: skip
def time_to_fix(study):
    table, rows = fixes_of_study(study), []
    for month in study.months:
        first = str(pd.Period(month, "M") - (_WINDOW_MONTHS - 1))
        part = table[(table["month"] >= first) & (table["month"] <= month)]
        rows.append((month, *median_interval(part["days"]), len(part), study.whole(month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "denominator", "mature"])
