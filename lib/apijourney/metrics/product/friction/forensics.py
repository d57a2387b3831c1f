"""First-call forensics: what did an account's first error look like, and what became of the account?

Unit: an account whose first error came within 24 hours of its first call, and before it was activated. The
error is told by its status, the endpoint, the SDK that made the call, and the docs page read last before it.
Calls with rejected keys belong to no account and are not here. Accounts with one kind of first error differ
from others in more than that, so a difference is an association.
"""

import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.remember import remembered
from apijourney.localtime import DAY_US
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import CALLS, NEVER, activated_times
from apijourney.metrics.product.group_rates import rate_by
from apijourney.metrics.product.conversion.journey_funnel import activation_cohort
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.windows import as_window, deadlines
from apijourney.metrics.uncertainty import benjamini_hochberg

FIRST_HOURS = 24
PAGE_DAYS = 7
NO_PAGE, OTHERS = "(no page)", "(others)"
PARTS = ("error", "endpoint", "sdk", "page")


@remembered
@needs("accounts", "active", "requests", *CALLS, what="First-call forensics")
def first_errors(study) -> pd.DataFrame | NotMeasurable:
    """What was the first error of each account that met one on its first day of calls?

    Of the accounts of `activation_cohort`: created in the months shown, activation window closed.

    Returns
    -------
    One row an account: account_id, at (instant, naive UTC), error (status, such as "422"), endpoint, sdk ("python
    2.3.0"; "no SDK"), page (docs page opened last in the `PAGE_DAYS` days of 24 hours before the error; "(no
    page)" = none), activated (bool). Which pages are docs, the table `pages` says; without it no page is known.
    """
    cohort = activation_cohort(study)
    log = study.events
    call = log.mask("request")
    first = first_times(log, call)
    failed = call & np.asarray(log.properties["status_class"].isin(["4xx", "5xx"]))
    rows = np.flatnonzero(failed)
    account, at = np.unique(log.account[rows], return_index=True)
    rows = rows[at]
    created = np.full(len(log.accounts), NEVER, dtype=np.int64)
    position = log.accounts.get_indexer(cohort["account_id"])
    created[position] = cohort["created"]
    end = np.full(len(log.accounts), np.iinfo(np.int64).min, dtype=np.int64)
    window = as_window(f"{study.workbook.definitions.activated.within_days}D")
    end[position] = deadlines(cohort["created"].to_numpy(dtype=np.int64), window, study.zone)
    time = log.time[rows]
    inside = (time >= created[account]) & (time <= end[account]) & (time < activated_times(study)[account])
    inside &= time - first[account] <= FIRST_HOURS * 3_600_000_000
    rows = rows[inside]
    table = pd.DataFrame({"account_id": log.accounts.astype("str").take(log.account[rows]), "at": log.time[rows].astype("datetime64[us]")})
    for column, name in (("error", "status"), ("endpoint", "endpoint")):
        table[column] = pd.Series(log.properties[name][rows]).astype("str").fillna("(unknown)")
    sdk, version = (pd.Series(log.properties[name][rows]).astype("str") for name in ("sdk", "sdk_version"))
    table["sdk"] = (sdk.fillna("no SDK") + " " + version.fillna("")).str.strip()
    table["page"] = _last_page(study, rows)
    activated = cohort.set_index("account_id")["activated"]
    return table.assign(activated=table["account_id"].map(activated).astype(bool))


def error_combinations(study) -> pd.DataFrame | NotMeasurable:
    """Which combination of error, endpoint, SDK and page goes with the fewest activations? See `combinations`."""
    found = first_errors(study)
    if isinstance(found, NotMeasurable):
        return found
    if found.empty:
        return _none(study)
    return combinations(found, min_n=study.workbook.definitions.min_n)


def error_marks(study) -> pd.DataFrame | NotMeasurable:
    """Each mark of the first error by itself: which is worse than the rest?

    Returns one row a part and mark with at least `definitions.min_n` accounts: part (error, endpoint, sdk or
    page), group (the mark), and the columns of `rate_by`; q over all rows, the smallest first.
    """
    found = first_errors(study)
    if isinstance(found, NotMeasurable):
        return found
    if found.empty:
        return _none(study)
    min_n = study.workbook.definitions.min_n
    parts = [rate_by(found, by=part, outcome="activated", min_n=min_n).assign(part=part) for part in PARTS]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["denominator"] >= min_n]
    table = table.assign(q=benjamini_hochberg(table["p"].to_numpy(dtype=float)))
    table = table.sort_values(["q", "p", "part", "group"], ignore_index=True, na_position="last")
    return table[["part", *table.columns.drop("part")]]


def combinations(errors: pd.DataFrame, *, min_n: int = 5, parts: tuple[str, ...] = PARTS) -> pd.DataFrame:
    """Count the accounts of each combination of marks, and compare their activated share with all others'.

    Parameters
    ----------
    errors : one row an account: the columns of `parts`, and activated (bool).
    min_n : combinations with fewer accounts are put together as "(others)", which is not compared.

    Returns
    -------
    One row a combination, the largest first, "(others)" last: `parts` (all "(others)" in the last), value
    (activated share), low, high (Wilson), numerator, denominator, others (share of all other accounts with a
    first error), others_n, p (Fisher), q (Benjamini-Hochberg over the combinations named).

    >>> errors = pd.DataFrame({"error": ["422"] * 5 + ["400"] * 5 + ["403"], "activated": [False] * 5 + [True] * 6})
    >>> combinations(errors, parts=("error",))[["error", "numerator", "denominator"]].values.tolist()
    [['400', 5, 5], ['422', 0, 5], ['(others)', 1, 1]]
    """
    if missing := [p for p in parts if p not in errors]:
        raise unknown("column", missing[0], errors.columns, where="combinations(errors)")
    named = errors.groupby(list(parts), observed=True)["activated"].transform("size") >= min_n
    label = pd.Series(pd.MultiIndex.from_frame(errors[list(parts)]).to_flat_index(), index=errors.index)
    keys = {key: f"{i:06d}" for i, key in enumerate(sorted(set(label[named])))}
    code = label.map(keys).where(named, OTHERS)
    rates = rate_by(errors.assign(code=code), by="code", outcome="activated", min_n=min_n)
    folded = rates["group"] == OTHERS
    rates.loc[folded, ["p", "q"]] = np.nan
    rates["q"] = benjamini_hochberg(rates["p"].to_numpy(dtype=float))
    marks = {code: key for key, code in keys.items()} | {OTHERS: (OTHERS,) * len(parts)}
    for i, part in enumerate(parts):
        rates.insert(i, part, [marks[g][i] for g in rates["group"]])
    rates = pd.concat([rates[~folded], rates[folded]], ignore_index=True)
    return rates.drop(columns="group")[[*parts, "value", "low", "high", "numerator", "denominator", "others", "others_n", "p", "q"]]


def _last_page(study, rows: np.ndarray) -> list[str]:
    log = study.events
    if study.lacks("pages") or "page" not in log.properties:
        return [NO_PAGE] * len(rows)
    page = log.properties["page"]
    docs = np.flatnonzero(np.asarray(page.isin(set(study.table("pages")["page"].dropna()))))
    before = np.searchsorted(docs, rows) - 1  # the log is sorted by account and time
    last = np.append(docs, -1)[before]
    known = (before >= 0) & (log.account[last] == log.account[rows]) & (log.time[rows] - log.time[last] <= PAGE_DAYS * DAY_US)
    return [str(page[i]) if ok else NO_PAGE for i, ok in zip(last, known, strict=True)]


def _none(study) -> NotMeasurable:
    return NotMeasurable(
        "First-call forensics",
        f"no account of the months shown met an error within {FIRST_HOURS} hours of its first call; choose more months.",
    )
