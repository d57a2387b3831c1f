"""The catalogued metrics of versions: who still calls what is deprecated, who is on the newest SDK?

Unit: an account with a successful production call in the month. The radar opens the number to the
accounts behind it and what they pay.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.infrastructure.budget_by_account import mrr_of
from apijourney.metrics.product.experience.versions import (
    accounts_on_newest,
    deprecated_versions,
    newest_versions,
    shares_by_version,
    version_use,
)
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import wilson

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


@remembered
def deprecated(study) -> pd.DataFrame | NotMeasurable:
    """The deprecated API versions of a study, as known at its end: see `deprecated_versions`."""
    what = "Deprecated versions"
    use = version_use(study)
    if isinstance(use, NotMeasurable):
        return NotMeasurable(what, use.reason)
    used = sorted(use["api_version"].dropna().unique())
    if not used:
        return NotMeasurable(what, "no call says which version of the API it used; map api_version of requests.")
    releases = study.table("releases")
    if releases.empty and study.annotations.empty:
        return NotMeasurable(what, f"no release and no note is known up to {study.month}; add rows to releases.")
    if releases.empty:
        releases = pd.DataFrame({"released_at": pd.to_datetime([]), "version": [], "breaking": []})
    found = deprecated_versions(used, releases, study.annotations, timezone=study.zone)
    if found.empty:
        return NotMeasurable(
            what,
            f"neither releases nor annotations name a successor or an end of {', '.join(used)}; add the breaking "
            "release under the version's own name, or a note that speaks of its end.",
        )
    return found


def deprecation_radar(study) -> pd.DataFrame | NotMeasurable:
    """Who still calls a deprecated version in the study's month, and what do they pay?

    Returns one row a version: api_version, successor, deprecated_since, ends_on (days as text, "" = not
    known), days_left (from the end of the month; NaN = no end named), accounts (with a successful
    production call on it in the month), share (of the accounts with a known version), low, high, calls,
    mrr_minor (of these accounts; NaN = not measurable).
    """
    versions = deprecated(study)
    if isinstance(versions, NotMeasurable):
        return versions
    use = version_use(study).query("month == @study.month").dropna(subset="api_version")
    everybody = use["account_id"].nunique()
    rows = []
    for version in versions.itertuples():
        on = use[use["api_version"] == version.api_version]
        accounts = pd.Series(on["account_id"].unique(), dtype="str")
        low, high = wilson(len(accounts), everybody)
        left = (version.ends_on - pd.Timestamp(study.until_day)).days if pd.notna(version.ends_on) else np.nan
        rows.append(
            {"api_version": version.api_version, "successor": version.successor,
             "deprecated_since": f"{version.deprecated_since:%Y-%m-%d}",
             "ends_on": f"{version.ends_on:%Y-%m-%d}" if pd.notna(version.ends_on) else "", "days_left": left,
             "accounts": len(accounts), "share": len(accounts) / everybody if everybody else np.nan,
             "low": float(low), "high": float(high), "calls": int(on["calls"].sum()),
             "mrr_minor": mrr_of(study, accounts).sum(min_count=1) if len(accounts) else 0.0}
        )  # fmt: skip
    return pd.DataFrame(rows)


def accounts_on_deprecated(study) -> pd.DataFrame | NotMeasurable:
    """Which accounts still call a deprecated version in the study's month, those that pay most first?

    Returns one row an account: account_id, owner ("" = nobody), deprecated_calls, share_of_calls (of its
    successful production calls of known version), last_call (day), mrr_minor (NaN = not measurable).
    """
    versions = deprecated(study)
    if isinstance(versions, NotMeasurable):
        return versions
    use = version_use(study).query("month == @study.month").dropna(subset="api_version")
    old = use[use["api_version"].isin(versions["api_version"])]
    table = old.groupby("account_id").agg(deprecated_calls=("calls", "sum"), last_call=("last_day", "max")).reset_index()
    everything = table["account_id"].map(use.groupby("account_id")["calls"].sum())
    owner = table["account_id"].map(study.accounts.set_index("account_id")["owner"]) if len(study.accounts) else ""
    table = table.assign(
        owner=owner, share_of_calls=table["deprecated_calls"] / everything, mrr_minor=mrr_of(study, table["account_id"]),
        last_call=table["last_call"].dt.strftime("%Y-%m-%d"),
    )  # fmt: skip
    table = table.sort_values(["mrr_minor", "deprecated_calls", "account_id"], ascending=[False, False, True], ignore_index=True)
    return table[["account_id", "owner", "deprecated_calls", "share_of_calls", "last_call", "mrr_minor"]]


def adoption(study) -> pd.DataFrame | NotMeasurable:
    """How do the versions of the API and of each SDK replace each other over the months shown?

    Returns the rows of `shares_by_version` with of ("API", or the name of the SDK) before them; an SDK's
    share is of the accounts that call with that SDK. SDKs of a single version are left out; the API
    comes first, then the SDK with most accounts.
    """
    use = version_use(study)
    if isinstance(use, NotMeasurable):
        return use
    shown = use[use["month"].isin(study.months)]
    several = shown.groupby("sdk")["sdk_version"].nunique() > 1
    users = shown.groupby("sdk")["account_id"].nunique().sort_values(ascending=False, kind="stable")
    named = [(str(sdk), shown[shown["sdk"] == sdk], "sdk_version") for sdk in users.index if several[sdk]]
    if shown["api_version"].notna().any():
        named.insert(0, ("API", shown, "api_version"))
    if not named:
        return NotMeasurable("Versions in use", "no call names a version; map api_version, sdk and sdk_version of requests.")
    parts = []
    for of, part, column in named:
        table = shares_by_version(part, study.months, version=column)
        table.insert(0, "of", of)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _shares(study, accounts: pd.DataFrame, hit: str) -> pd.DataFrame:
    table = share_marked(accounts[hit], accounts["month"], study.months)
    return table.assign(mature=[study.whole(m) for m in study.months])


@catalogued(
    name="Deprecated-version exposure", dimension="product", stage="scale",
    question="Which share of the accounts still calls a version of the API that is deprecated?",
    formula="accounts with a successful production call on a deprecated version / accounts with one on a known "
    "version; deprecated from the month in which its successor was released as breaking, or its end announced",
    unit="share", direction="down", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="switching the old version off: the accounts leave with it", tables=("requests", "releases"),
    columns=("requests.account_id", "requests.api_version"),
    source=_BOOK, whole_month=True,
)  # fmt: skip
def deprecated_version_exposure(study):
    versions = deprecated(study)
    if isinstance(versions, NotMeasurable):
        return versions
    use = version_use(study).dropna(subset="api_version")
    since = versions.set_index("api_version")["deprecated_since"].dt.strftime("%Y-%m")
    old = use["api_version"].map(since)
    use = use.assign(old=(old.notna() & (old.fillna("9999") <= use["month"])))
    return _shares(study, use.groupby(["month", "account_id"])["old"].any().reset_index(), "old")


@catalogued(
    name="Newest-SDK adoption", dimension="product", stage="integrate",
    question="Which share of the accounts that call through an SDK is on its newest version?",
    formula="accounts with a successful production call on the newest version of every SDK they use / accounts "
    "that use an SDK with at least two versions; newest of those called or released by the end of the month",
    unit="share", direction="up", timing="leading", counter_metric="first_call_success_rate",
    gameable_by="not releasing: the share falls with every release", tables=("requests",),
    columns=("requests.account_id", "requests.sdk_version"), source=_BOOK, whole_month=True,
)  # fmt: skip
def newest_sdk_share(study):
    use = version_use(study)
    if isinstance(use, NotMeasurable):
        return use
    newest = newest_versions(use, study.table("releases"), study.months, timezone=study.zone)
    if newest.empty:
        return NotMeasurable(
            "Newest-SDK adoption", "the calls name no SDK of two versions or more; map sdk and sdk_version of requests."
        )
    return _shares(study, accounts_on_newest(use, newest), "on_newest")
