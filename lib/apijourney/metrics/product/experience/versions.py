"""Which versions of the API and of the SDKs do accounts use, and which of these are deprecated?

Unit: an account with a successful production call in a month. A version is deprecated here once its
successor was released as a breaking change, or its end was announced, whichever came first. Only what
`releases` and `annotations` say is known; why an account stays is not.
"""

import re

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_time
from apijourney.measurable import NotMeasurable, needs
from apijourney.columns import required
from apijourney.metrics.by_month import ratio
from apijourney.metrics.uncertainty import wilson

_ENDS = re.compile(r"\b(end of|end-of-life|sunset|deprecat\w*|retire\w*|shut ?down|switch(ed)? off)\b", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def version_key(version: str) -> tuple:
    """Order versions as people read them: 2.10 comes after 2.9.

    >>> sorted(["2.10.0", "2.9.1", "v3"], key=version_key)
    ['2.9.1', '2.10.0', 'v3']
    """
    return tuple(int(part) for part in re.findall(r"\d+", version)), version


def deprecated_versions(
    used: list[str], releases: pd.DataFrame, annotations: pd.DataFrame, *, timezone: str = "UTC"
) -> pd.DataFrame:
    """Which of the API versions in use are deprecated, since when, and when do they end?

    Parameters
    ----------
    used : the versions that calls name.
    releases : released_at (naive UTC), version, breaking. A breaking release whose version is one of
        those used is the successor of all lower ones.
    annotations : date, text. A note that names a used version and speaks of its end ("end of", sunset,
        deprecated, retired, shut down, switched off) announces it; a day in the text is the last.
    timezone : the zone of the days.

    Returns
    -------
    One row a deprecated version, by version: api_version, successor ("" = none named),
    successor_since, end_announced (days; NaT = not), ends_on (the first day without it; NaT = not
    named), deprecated_since (the earlier of the two).

    >>> releases = pd.DataFrame({"released_at": pd.to_datetime(["2025-07-07"]), "version": ["v2"], "breaking": [True]})
    >>> notes = pd.DataFrame({"date": pd.to_datetime(["2026-05-11"]), "text": ["end of API v1 announced for 2026-12-01"]})
    >>> deprecated_versions(["v1", "v2"], releases, notes)[["api_version", "successor", "deprecated_since", "ends_on"]]
      api_version successor deprecated_since    ends_on
    0          v1        v2       2025-07-07 2026-12-01
    """
    required(releases, ["released_at", "version", "breaking"], where="deprecated_versions(releases)")
    breaking = releases[releases["breaking"].fillna(False).astype(bool) & releases["version"].isin(used)]
    breaking = breaking.assign(day=local_time(breaking["released_at"], timezone).dt.floor("D")).sort_values("day")
    rows = []
    for version in sorted(used, key=version_key):
        later = [version_key(v) > version_key(version) for v in breaking["version"]]
        followed = breaking[np.array(later, dtype=bool)]
        successor, since = (followed["version"].iloc[-1], followed["day"].iloc[0]) if len(followed) else ("", pd.NaT)
        announced, ends = _announced_end(version, annotations)
        known = [d for d in (since, announced) if pd.notna(d)]
        if known:
            rows.append((version, successor, since, announced, ends, min(known)))
    columns = ["api_version", "successor", "successor_since", "end_announced", "ends_on", "deprecated_since"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"api_version": "str", "successor": "str"} | dict.fromkeys(columns[2:], "datetime64[us]"))


def _announced_end(version: str, annotations: pd.DataFrame) -> tuple:
    named = re.compile(rf"(?<![\w.]){re.escape(version)}(?![\w.]*\w)", re.IGNORECASE)
    for note in annotations.sort_values("date").itertuples() if len(annotations) else ():
        text = str(note.text)
        if named.search(text) and _ENDS.search(text):
            day = _DAY.search(text)
            return pd.Timestamp(note.date), pd.to_datetime(day[0], errors="coerce") if day else pd.NaT
    return pd.NaT, pd.NaT


@remembered
@needs("requests", "requests.account_id", what="Versions in use")
def version_use(study) -> pd.DataFrame | NotMeasurable:
    """Successful production calls (2xx) of accounts in all observed months, by what they were made with.

    Returns month, account_id, api_version, sdk, sdk_version (each nullable), calls, last_day.
    """
    if not study.store.paths("calls", study.all_months):
        return NotMeasurable("Versions in use", f"there are no requests up to {study.month}; choose a later month.")
    calls = study.fact("calls", study.all_months)
    good = calls.filter((calls.environment == "production") & calls.status.between(200, 299) & calls.account_id.notnull())
    good = good.mutate(month=good.day.strftime("%Y-%m"))
    keys = ["month", "account_id", "api_version", "sdk", "sdk_version"]
    table = good.group_by(keys).aggregate(calls=good.calls.sum(), last_day=good.day.max()).order_by(keys).to_pandas()
    return table.assign(last_day=pd.to_datetime(table["last_day"]))


def shares_by_version(use: pd.DataFrame, months: list[str], *, version: str = "api_version") -> pd.DataFrame:
    """Which share of the accounts of each month used each version?

    use : month, account_id and the column `version`; null versions are left out.
    Returns one row a month and version, both sorted: month, version, value, low, high (Wilson),
    numerator (accounts with a call on it), denominator (accounts with a call on any). An account on two
    versions counts for both, so the shares of a month may add up to more than 1; 0 = none used it.
    """
    known = use.dropna(subset=version)
    pairs = known.drop_duplicates(["month", "account_id", version])
    wide = pairs.groupby(["month", version]).size().unstack(fill_value=0).reindex(months, fill_value=0)
    wide = wide[sorted(wide.columns, key=version_key)]
    everybody = known.groupby("month")["account_id"].nunique().reindex(months, fill_value=0)
    table = wide.rename_axis(index="month", columns="version").stack().rename("numerator").reset_index()
    n = table["month"].map(everybody).to_numpy()
    low, high = wilson(table["numerator"], n)
    value = ratio(table["numerator"], n)
    return table.assign(denominator=n, value=value, low=low, high=high)[
        ["month", "version", "value", "low", "high", "numerator", "denominator"]
    ]


def newest_versions(use: pd.DataFrame, releases: pd.DataFrame, months: list[str], *, timezone: str = "UTC") -> pd.DataFrame:
    """Which version of each SDK was the newest at the end of each month?

    use : month, sdk, sdk_version. releases : released_at (naive UTC), version, such as "python 2.3.1":
        the name of an SDK in use, a space, the version.
    Returns month, sdk, newest: the highest version called or released by then, of each SDK with at least
    two known versions; one with a single version cannot be out of date.
    """
    seen = use.dropna(subset=["sdk", "sdk_version"]).groupby(["sdk", "sdk_version"])["month"].min().reset_index()
    if len(releases):
        named = releases["version"].fillna("").astype("str").str.rsplit(" ", n=1, expand=True).reindex(columns=[0, 1])
        out = pd.DataFrame({"sdk": named[0], "sdk_version": named[1],
                            "month": local_time(releases["released_at"], timezone).dt.strftime("%Y-%m")})  # fmt: skip
        seen = pd.concat([seen, out[out["sdk"].isin(seen["sdk"]) & out["sdk_version"].notna()]], ignore_index=True)
    rows = []
    for sdk, part in seen.groupby("sdk"):
        for month in months:
            known = set(part.loc[part["month"] <= month, "sdk_version"])
            if len(known) > 1:
                rows.append((month, sdk, max(known, key=version_key)))
    return pd.DataFrame(rows, columns=["month", "sdk", "newest"]).astype("str")


def accounts_on_newest(use: pd.DataFrame, newest: pd.DataFrame) -> pd.DataFrame:
    """Did each account use the newest version of every SDK it called with?

    use : month, account_id, sdk, sdk_version. newest : from `newest_versions`.
    Returns one row a month and account that used one of these SDKs: month, account_id, on_newest. An
    account that used an older version, too, is on the newest: it has moved.
    """
    used = use.dropna(subset=["sdk", "sdk_version"]).merge(newest, on=["month", "sdk"])
    used = used.assign(hit=used["sdk_version"] == used["newest"])
    each = used.groupby(["month", "account_id", "sdk"])["hit"].any()
    return each.groupby(level=["month", "account_id"]).all().rename("on_newest").reset_index()
