"""What do known developers do: sign up, finish the quickstart, create keys, watch their usage?

Unit: the touchpoint. Portal events carry the account as known at that time; reading the docs often
leaves only the visitor id.
"""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import DAY, HOUR, MINUTE, NEVER, PEOPLE, SECOND, Span, micros
from apijourney.simulate.columns import instants, late_and_twice, names, pick
from apijourney.simulate.company import CHANNELS, Accounts
from apijourney.simulate.people import Developers
from apijourney.simulate.plans import PlanPath
from apijourney.simulate.requests import delivered
from apijourney.simulate.stories import Stories
from apijourney.simulate.visits import FIELDS, NOT_NUDGED, NUDGED, PROPERTIES, SITE, TOUCHPOINTS, code, rows, visits

_PER_MONTH = {
    "docs_view": 2.6, "docs_search": 0.45, "dashboard_view": 3.4, "log_view": 1.3, "status_view": 0.25,
    "spend_report_view": 0.4, "alert_set": 0.06,
}  # fmt: skip


def draw_touchpoints(
    accounts: Accounts, developers: Developers, plans: PlanPath, span: Span, stories: Stories,
    rng: np.random.Generator,
) -> tuple[pa.Table, np.ndarray]:  # fmt: skip
    """Return the table `touchpoints`, ordered by time, and the shuffled numbers of the visitors."""
    parts = visits(developers, span, rng)
    parts += _sign_ups(accounts, developers, span, rng)
    parts += _integration(accounts, developers, span, rng)
    parts += _portal(accounts, developers, span, rng)
    parts += _changes(accounts, developers, plans, span, stories, rng)
    table = np.concatenate(parts, axis=1)
    table = table[:, (table[3] >= span.start) & (table[3] < span.end)]
    table = table[:, np.lexsort((table[0], table[4], table[3]))]
    return _as_table(dict(zip(FIELDS, table, strict=True)), accounts, developers, span, rng)


def _sign_ups(accounts: Accounts, developers: Developers, span: Span, rng) -> list[np.ndarray]:
    account = developers.account
    signers = np.flatnonzero((developers.founder | (account < 0)) & (developers.joined >= span.start))
    linked = developers.linked[signers] == developers.joined[signers]
    known = np.where(linked, account[signers], -1)
    nudge = np.where((account[signers] >= 0) & accounts.nudged[account[signers]], NUDGED, NOT_NUDGED)
    return [rows(developers.visitor[signers], developers.joined[signers], code("sign_up"), rng, developer=signers,
                 account=known, channel=developers.channel[signers], properties=nudge)]  # fmt: skip


def _known(accounts, developers, who, time, touchpoint, rng) -> np.ndarray:
    """Events of the founders of accounts, with all ids known at the time."""
    developer = developers.first_of[who]
    account = np.where(time >= developers.linked[developer], who, -1)
    return rows(developers.visitor[developer], time, touchpoint, rng, developer=developer, account=account)


def _integration(accounts: Accounts, developers: Developers, span: Span, rng) -> list[np.ndarray]:
    n = len(accounts)
    new = ~accounts.legacy & ~accounts.internal
    calls = new & (accounts.first_call != NEVER)
    out = []

    def minutes(low, high):
        return rng.integers(low * 60_000, high * 60_000, n) * 1000

    def add(which, time, touchpoint):
        who = np.flatnonzero(which)
        out.append(_known(accounts, developers, who, time[who], code(touchpoint), rng))

    created = accounts.created
    add(new & (accounts.quickstart | (rng.random(n) < 0.4)), created + minutes(2, 12), "quickstart_view")
    add(accounts.quickstart, created + minutes(15, 50), "quickstart_completed")
    add(new & (calls | (rng.random(n) < 0.3)), created + minutes(1, 5), "sandbox_opened")
    key = created + minutes(2, 4)
    gap = np.where(calls, accounts.first_call, created) - created
    slow = calls & (rng.random(n) < 0.45)
    key = np.where(slow, key + ((gap - 6 * MINUTE) * rng.random(n) ** 2).astype("int64") // 1000 * 1000, key)
    add(calls, key, "key_created")
    add(new & ~calls & (rng.random(n) < 0.30), created + minutes(3, 2000), "key_created")
    add(calls & (accounts.sdk != 3), key + minutes(0, 2) + SECOND, "sdk_installed")
    live = new & (accounts.production != NEVER)
    add(live, np.where(live, accounts.production, 0) - minutes(5, 40), "key_created")
    return out


def _portal(accounts: Accounts, developers: Developers, span: Span, rng) -> list[np.ndarray]:
    people = np.flatnonzero(developers.account >= 0)
    account = developers.account[people]
    silent = (account * 48_271) % 100 < 14  # machine traffic that nobody watches
    interest = rng.gamma(1.5, 1 / 1.5, len(people)) * np.where(silent, 0.02, 1.0)
    interest *= np.where(np.isin(people, developers.first_of), 1.0, 0.6)
    parts = []
    for month in range(span.months):
        days = np.flatnonzero(span.month_of_day == month)
        weights = np.where(span.weekend[days], 0.25, 1.0)
        middle = (span.month_starts[month] + span.month_starts[month + 1]) // 2
        fresh = (middle - accounts.created > -20 * DAY) & (middle - accounts.created < 20 * DAY)
        rate = np.where(accounts.alive(middle), 1.0, np.where(fresh, 0.6, 0.03)) * (accounts.closed > middle)
        for touchpoint, usual in _PER_MONTH.items():
            count = rng.poisson(interest * rate[account] * usual)
            who, owner = np.repeat(people, count), np.repeat(account, count)
            time = span.instants(rng, rng.choice(days, len(who), p=weights / weights.sum()), PEOPLE)
            keep = (time > developers.joined[who] + 10 * MINUTE) & (time < accounts.closed[owner])
            who, owner, time = who[keep], owner[keep], time[keep]
            hidden = (rng.random(len(who)) < 0.5) & touchpoint.startswith("docs")
            device = (developers.device[who] >= 0) & (rng.random(len(who)) < 0.3)
            visitor = np.where(device, developers.device[who], developers.visitor[who])
            linked = time >= np.where(device, developers.device_linked[who], developers.linked[who])
            parts.append(rows(visitor, time, code(touchpoint), rng, developer=np.where(hidden | ~linked, -1, who),
                              account=np.where(hidden | ~linked, -1, owner)))  # fmt: skip
    return parts


def _changes(accounts, developers, plans: PlanPath, span, stories: Stories, rng) -> list[np.ndarray]:
    month, who = np.nonzero((plans.changed != NEVER) & ~accounts.internal)
    up = plans.after[month, who] > plans.before[month, who]
    event = np.where(up, code("plan_upgraded"), code("plan_downgraded"))
    parts = [_known(accounts, developers, who, plans.changed[month, who], event, rng)]
    closing = np.flatnonzero((accounts.closed != NEVER) & (rng.random(len(accounts)) < 0.6))
    moment = accounts.closed[closing] - rng.integers(60, 30_000, len(closing)) * SECOND
    parts.append(_known(accounts, developers, closing, moment, code("key_revoked"), rng))
    rotating = np.flatnonzero(accounts.alive(span.end - 1) & (rng.random(len(accounts)) < 0.08))
    moment = span.instants(rng, rng.integers(0, len(span.days), len(rotating)), PEOPLE)
    fits = moment > np.maximum(accounts.production[rotating], span.start) + DAY
    parts.append(_known(accounts, developers, rotating[fits], moment[fits], code("key_revoked"), rng))
    parts.append(_known(accounts, developers, rotating[fits], moment[fits] - HOUR, code("key_created"), rng))
    for incident in stories.incidents:
        begin, end = micros(incident.started), micros(incident.ended)
        hurt = np.flatnonzero(accounts.alive(begin) & (rng.random(len(accounts)) < 0.45))
        looks = np.repeat(hurt, rng.geometric(0.5, len(hurt)))
        time = begin + (rng.random(len(looks)) * (end - begin)).astype("int64") // 1000 * 1000
        parts.append(_known(accounts, developers, looks, time, code("status_view"), rng))
    return parts


def _as_table(line: dict, accounts, developers, span, rng) -> tuple[pa.Table, np.ndarray]:
    n = len(line["time"])
    delay, twice = late_and_twice(n, rng)
    future = rng.random(n) < 7 / 11_000 / span.months
    visitors = int(line["visitor"].max()) + 1
    shuffled = rng.permutation(visitors)
    visitor, developer, account = shuffled[line["visitor"]], line["developer"], line["account"]
    nobody = rng.random(n) < 5 / 11_000 / span.months  # events whose ids were lost on the way
    visitor, developer, account = (np.where(nobody, -1, c) for c in (visitor, developer, account))
    table = pa.table({
        "event_id": pa.array(np.arange(1, n + 1)),
        "occurred_at": instants(line["time"]),
        "received_at": instants(line["time"] + np.where(future, -2 * DAY, delay)),
        "visitor_id": pick(names("vis_", visitors), visitor),
        "developer_id": pick(names("dev_", len(developers.account)), developer),
        "account_id": pick(names("acc_", len(accounts)), account),
        "touchpoint": pick(TOUCHPOINTS, line["touchpoint"]),
        "channel": pick(CHANNELS, line["channel"]),
        "page": pick(SITE, line["page"]),
        "properties": pick(PROPERTIES, line["properties"]),
    })  # fmt: skip
    return delivered(table, twice, span), shuffled
