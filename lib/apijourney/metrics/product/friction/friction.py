"""Friction: what did accounts meet right after a step, and did those who met it stop more often?

Unit: an account that took the step before the one looked at. The window is fair to all: what happens in the
first hours after that step is counted for everybody alike (24 hours by default), and accounts that went on
within these hours are left out. Counting until an account goes on, or until it gives up, would be unfair:
who stays longer meets more of everything, and who goes on at once meets nothing. Then each account is
followed for the same time, and accounts that cannot be followed so long yet are left out. Each behaviour is
compared among those only who could show it: errors among accounts that called, and so on.
It does not say that the friction made them stop: keener accounts differ in other ways, too.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.event_log import EventLog, event_log
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.association import association
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product.conversion.journey_funnel import funnel_steps, journey_accounts, journey_funnel, worst_step
from apijourney.metrics.product.discovery.searches import searches
from apijourney.metrics.product.rows_after import first_row_after, rows_after
from apijourney.metrics.product.windows import as_window, deadlines
from apijourney.metrics.uncertainty import benjamini_hochberg

HOUR_US = 3_600_000_000
NEVER = np.iinfo(np.int64).max
VIEWS = 2
"""A page opened so many times within the hours counts as repeated."""
PAUSE_SHARE = 0.5
"""A pause is long when it takes up at least this share of the hours."""
MOST_HOURS = 366 * 24
NO_PAGES = {"request", "invoice", "ticket", "account_created", "account_closed"}
BEHAVIOURS = {
    "client_error": ("a client error (4xx)", "called", "accounts that called"),
    "server_error": ("a server error (5xx)", "called", "accounts that called"),
    "throttled": ("throttled (429)", "called", "accounts that called"),
    "repeated_page": ("opened the same page again", "browsed", "accounts that opened a page"),
    "loop": ("went back and forth between two pages", "browsed", "accounts that opened a page"),
    "search_without_result": ("a search without a result", "searched", "accounts that searched"),
    "ticket": ("opened a ticket", "", "all"),
    "long_pause": ("silent for half of that time", "", "all"),
}
"""id → what a reader calls it, the column of those who could show it ("" = all), what these are called."""
_LACKING = {
    "client_error": "requests.status", "server_error": "requests.status", "throttled": "requests.status",
    "repeated_page": "touchpoints.page", "loop": "touchpoints", "ticket": "tickets",
}  # fmt: skip


def behaviour_after(events, reached: pd.Series, *, hours: float = 24, found: pd.DataFrame | None = None) -> pd.DataFrame:
    """What did each account do and meet in the first hours after an instant?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts; calls are events "request" with the property
        `status`; page views carry the property `page`.
    reached : account_id → instant (naive UTC). What happens at the instant itself belongs to the step.
    hours : how long to look, the end included.
    found : searches: account_id, time (microseconds UTC), results; None = not known, nobody searched.

    Returns
    -------
    One row an account of `reached`, booleans: called, browsed, searched (could it meet the rest?);
    client_error (4xx but 429), server_error (5xx), throttled (429), repeated_page (one page opened `VIEWS`
    times or more), loop (two pages or touchpoints in turn, A B A B, reloads aside), search_without_result,
    ticket, long_pause (no event at all for `PAUSE_SHARE` of the hours on end, from the instant to their end).
    """
    hours = checked_hours(hours)
    log = event_log(events)
    start = np.full(len(log.accounts), NEVER, dtype=np.int64)
    position = log.accounts.get_indexer(reached.index)
    instants = reached.to_numpy().astype("datetime64[us]").astype("int64")
    start[position[position >= 0]] = instants[position >= 0]
    length = round(hours * HOUR_US)
    begun = np.flatnonzero(start < NEVER)
    log = log.select(rows_after(log, begun, start[begun], length))
    out = pd.DataFrame(False, index=reached.index, columns=["called", "browsed", "searched", *BEHAVIOURS])

    def mark(column: str, accounts: np.ndarray) -> None:
        did = np.zeros(len(log.accounts) + 1, dtype=bool)  # the last is of those the log does not know
        did[accounts] = True
        out[column] = did[position]

    call = _is(log, "request")
    status = _status(log)
    mark("called", log.account[call])
    mark("client_error", log.account[call & (status >= 400) & (status < 500) & (status != 429)])
    mark("server_error", log.account[call & (status >= 500) & (status < 600)])
    mark("throttled", log.account[call & (status == 429)])
    mark("ticket", log.account[_is(log, "ticket")])
    page, looped = _pages(log)
    mark("browsed", page["account"].to_numpy())
    views = page[page["page"] >= 0].groupby(["account", "page"]).size()
    mark("repeated_page", views[views >= VIEWS].index.get_level_values("account").to_numpy())
    mark("loop", looped)
    if found is not None and len(found):
        begins = found["account_id"].map(pd.Series(instants, index=reached.index))
        within = found[(found["time"] > begins) & (found["time"] - begins <= length)]
        out["searched"] = out.index.isin(within["account_id"])
        out["search_without_result"] = out.index.isin(within.loc[within["results"] == 0, "account_id"])
    out["long_pause"] = _longest_pause(log, position, instants, length) >= PAUSE_SHARE * length
    return out


def compare_friction(behaviour: pd.DataFrame, stopped: pd.Series, *, min_n: int = 5, why_not: dict | None = None) -> pd.DataFrame:
    """Did accounts that met a thing stop more often than those who could have met it and did not?

    Parameters
    ----------
    behaviour : from `behaviour_after`. stopped : for the same accounts, True if they did not go on.
    min_n : with fewer accounts on either side nothing is compared.
    why_not : behaviour → why it cannot be told ("" = it can).

    Returns
    -------
    One row a behaviour: id, behaviour, among (who could show it), exposed, exposed_stopped, others,
    others_stopped, share, others_share (that stopped), difference (share minus others_share), low, high (95 %,
    Newcombe), p (Fisher), q (Benjamini-Hochberg over the behaviours compared), note ("too few", or why it is
    not known; empty where it was compared). NaN = not compared.
    """
    rows = []
    stopped = stopped.reindex(behaviour.index).to_numpy(dtype=bool)  # from here on by place: looking ids up is slow
    for name, (label, could, among) in BEHAVIOURS.items():
        there = behaviour[could].to_numpy(dtype=bool) if could else np.ones(len(behaviour), dtype=bool)
        found = association(pd.DataFrame({name: behaviour[name].to_numpy()[there]}), stopped[there]).iloc[0]
        note = (why_not or {}).get(name, "")
        if not note and min(found["exposed"], found["others"]) < min_n:
            note = "too few"
        unknown_ = bool(note) and note != "too few"
        n = [0, 0, 0, 0] if unknown_ else [int(found[c]) for c in ("exposed", "exposed_reached", "others", "others_reached")]
        judged = [np.nan] * 4 if note else [found[c] for c in ("risk_difference", "low", "high", "p")]
        rows.append((name, label, among, *n, *judged, note))
    columns = ["id", "behaviour", "among", "exposed", "exposed_stopped", "others", "others_stopped",
               "difference", "low", "high", "p", "note"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["share"] = np.where(table["note"] == "", ratio(table["exposed_stopped"], table["exposed"]), np.nan)
    table["others_share"] = np.where(table["note"] == "", ratio(table["others_stopped"], table["others"]), np.nan)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=float))
    return table[[*columns[:7], "share", "others_share", *columns[7:11], "q", "note"]]


@remembered(most=8)
def _rows_of_step(study, k: int) -> np.ndarray:
    """The rows that take step k, and one past the last row of all."""
    rows = np.flatnonzero(study.events.mask(funnel_steps(study)[k]))
    return np.append(rows, len(study.events)).astype(np.int32)


def checked_step(step: str, names: list[str]) -> str:
    """Read the step to look for friction before. names : the steps of the funnel; nothing comes before the first."""
    if step != "worst" and step not in names[1:]:
        raise unknown("step", step, ["worst", *names[1:]], where="friction")
    return step


def checked_hours(hours: float) -> float:
    """Read how many hours after a step are looked at: at most a year."""
    if not 0 < hours <= MOST_HOURS:
        raise WorkbookError(f"hours: look for more than 0 and at most {MOST_HOURS:,} hours, not {hours!r}.")
    return hours


@remembered(most=8)
def friction_cohort(study, step: str = "worst", window: str = "28D", hours: float = 24) -> pd.DataFrame | NotMeasurable:
    """Which accounts of the months shown reached the step before, and did they go on in time?

    step : "worst", or a step of the funnel after the first. window : how long each account is followed from
    the step before it. hours : see the module.

    Returns one row an account that took the step before: account_id, reached (instant, naive UTC), went_on (the
    instant it took the step; NaT = not within the window), kept ("" = compared; "went on at once", "not
    followed long enough"), step_name, before.
    """
    table = journey_funnel(study, window=window)
    if isinstance(table, NotMeasurable):
        return table
    names = study.workbook.funnel
    checked_step(step, names)
    k = worst_step(table) if step == "worst" else names.index(step)
    if k is None:
        return NotMeasurable("Friction", "nobody has taken the first step with a window that has closed; choose a later month.")
    found = journey_accounts(study, window=window)
    found = found[found["level"] >= k]
    reached = found[f"time_{k - 1}"].to_numpy().astype("datetime64[us]").astype("int64")
    end = deadlines(reached, as_window(window), study.zone)
    ids = found["account_id"].astype("str").to_numpy()
    at = _next_time(study.events, _rows_of_step(study, k), ids, reached)
    taken = found[f"time_{k}"]
    funnel_time = np.where(taken.notna(), taken.to_numpy().astype("datetime64[us]").astype("int64"), at)
    at = np.minimum(at, funnel_time)
    early = at - reached <= hours * HOUR_US
    kept = np.where(end > study.observed_until, "not followed long enough", np.where(early, "went on at once", ""))
    went = pd.Series(np.where(at <= end, at, np.iinfo(np.int64).min).astype("datetime64[us]"))
    cohort = pd.DataFrame({"account_id": ids, "reached": reached.astype("datetime64[us]"), "went_on": went, "kept": kept})
    return cohort.assign(step_name=names[k], before=names[k - 1])


@remembered
def friction(study, *, step: str = "worst", window: str = "28D", hours: float = 24) -> pd.DataFrame | NotMeasurable:
    """Which troubles, met in the first hours after a step, go with stopping there?

    Parameters are those of `friction_cohort`. Returns the table of `compare_friction` with, in every row:
    step_name, before, accounts (compared), stopped, left_early, left_open (accounts left out, see
    `friction_cohort`), hours. Not measurable where fewer than `definitions.min_n` stopped or went on.
    """
    cohort = friction_cohort(study, step, window, hours)
    if isinstance(cohort, NotMeasurable):
        return cohort
    min_n = study.workbook.definitions.min_n
    inside = cohort[cohort["kept"] == ""].set_index("account_id")
    stopped = inside["went_on"].isna()
    if min(stopped.sum(), (~stopped).sum()) < min_n:
        where = f"between “{cohort['before'].iloc[0]}” and “{cohort['step_name'].iloc[0]}” " if len(cohort) else ""
        return NotMeasurable(
            "Friction", f"too few accounts {where}stopped or went on after the first {hours:g} hours; choose a later "
            "month, more months, or a shorter window."
        )  # fmt: skip
    found = searches(study)
    why_not = {name: f'not known: needs "{table}"' for name, table in _LACKING.items() if study.lacks(table)}
    if isinstance(found, NotMeasurable):
        found, why_not["search_without_result"] = None, "not known: needs searches with “results”"
    behaviour = behaviour_after(study.events, inside["reached"], hours=hours, found=found)
    table = compare_friction(behaviour, stopped, min_n=min_n, why_not=why_not)
    return table.assign(
        step_name=cohort["step_name"].iloc[0], before=cohort["before"].iloc[0], accounts=len(inside),
        stopped=int(stopped.sum()), left_early=int((cohort["kept"] == "went on at once").sum()),
        left_open=int((cohort["kept"] == "not followed long enough").sum()), hours=float(hours),
    )  # fmt: skip


def _is(log: EventLog, event: str) -> np.ndarray:
    return log.mask(event) if event in log.events else np.zeros(len(log), dtype=bool)


def _status(log: EventLog) -> np.ndarray:
    """The status of each row; -1 where it is no call or has none."""
    if "status" not in log.properties:
        return np.full(len(log), -1)
    values = log.properties["status"]
    number = pd.to_numeric(pd.Series(values.categories.astype("str")), errors="coerce").fillna(-1)
    return np.append(number.to_numpy(), -1)[values.codes]


def _pages(log: EventLog) -> tuple[pd.DataFrame, np.ndarray]:
    """Visits to pages (account, page: -1 = not said), and the accounts that went A B A B."""
    visit = ~np.isin(log.event, [i for i, name in enumerate(log.events) if name in NO_PAGES])
    account, event = log.account[visit], log.event[visit]
    known = "page" in log.properties
    page = log.properties["page"].codes[visit].astype("int64") if known else np.full(len(account), -1)
    place = np.where(page >= 0, page, -1 - event)  # where no page is said, the touchpoint is the place
    new = np.ones(len(place), dtype=bool)
    new[1:] = (place[1:] != place[:-1]) | (account[1:] != account[:-1])
    place, who = place[new], account[new]
    same = (place[:-3] == place[2:-1]) & (place[1:-2] == place[3:]) & (who[:-3] == who[3:])
    return pd.DataFrame({"account": account, "page": page}), who[:-3][same]


def _longest_pause(log: EventLog, position: np.ndarray, start: np.ndarray, length: int) -> np.ndarray:
    """The longest time without an event in each window, its beginning and end counting as events."""
    edge = np.arange(len(start))
    row_of = np.full(len(log.accounts) + 1, -1)
    row_of[position] = edge
    owner = np.concatenate([row_of[log.account], edge, edge])
    time = np.concatenate([log.time, start, start + length])
    order = np.lexsort((time, owner))
    owner, time = owner[order], time[order]
    longest = np.zeros(len(start), dtype=np.int64)
    same = owner[1:] == owner[:-1]
    np.maximum.at(longest, owner[1:][same], np.diff(time)[same])
    return longest


def _next_time(log: EventLog, hits: np.ndarray, ids: np.ndarray, after: np.ndarray) -> np.ndarray:
    """When did each account first take a step after an instant? Microseconds UTC; the largest integer = never.

    hits : the rows that take the step, and one past the end of the log.
    """
    position = log.accounts.get_indexer(ids)
    row, end = first_row_after(log, position, after)
    following = hits[np.searchsorted(hits[:-1], row.astype(hits.dtype))]
    return np.where(following < end, log.time[np.minimum(following, len(log) - 1)], NEVER)
