"""What do support, operations and the teams leave behind: tickets, surveys, hosts, incidents, releases?"""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import DAY, HOUR, MINUTE, NEVER, PEOPLE, SECOND, Span, micros
from apijourney.simulate.columns import dates, instants, names, pick
from apijourney.simulate.company import Accounts
from apijourney.simulate.requests import SDK_RELEASES
from apijourney.simulate.stories import SUNSET, SUNSET_ANNOUNCED, Stories

TOPICS = ("authentication", "first call", "errors", "billing", "limits", "outage", "how to")
SURVEYS = ("nps", "csat", "ces")


def draw_tickets(accounts: Accounts, span: Span, stories: Stories, rng: np.random.Generator) -> pa.Table:
    """Tickets of newcomers in trouble, of running accounts, and of those an incident hurt."""
    who, time, topic = [], [], []

    def add(account, moment, subject):
        who.append(account), time.append(moment), topic.append(np.broadcast_to(subject, len(account)))

    stuck = accounts.first_failed & (accounts.first_call != NEVER)
    struggling = np.flatnonzero(stuck & (rng.random(len(accounts)) < 0.3))
    add(struggling, accounts.first_call[struggling] + rng.integers(20, 1500, len(struggling)) * MINUTE, 1)
    for month in range(span.months):
        days = np.flatnonzero(span.month_of_day == month)
        rate = np.array([0.10, 0.20, 0.42])[accounts.segment] * accounts.alive(span.month_starts[month] + 10 * DAY)
        account = np.repeat(np.arange(len(accounts)), rng.poisson(rate))
        moment = span.instants(rng, rng.choice(days, len(account)), PEOPLE)
        add(account, moment, rng.choice([0, 2, 3, 4, 6], len(account), p=[0.12, 0.26, 0.2, 0.12, 0.3]))
    for incident in stories.incidents:
        begin = micros(incident.started)
        hurt = np.flatnonzero(accounts.alive(begin) & (rng.random(len(accounts)) < 0.10))
        add(hurt, begin + rng.integers(10, 400, len(hurt)) * MINUTE, 5)
    account, moment, subject = np.concatenate(who), np.concatenate(time), np.concatenate(topic)
    keep = (moment < span.end) & (moment < accounts.closed[account]) & ~accounts.internal[account]
    account, moment, subject = account[keep], moment[keep], subject[keep]
    order = np.lexsort((account, moment))
    account, moment, subject = account[order], moment[order], subject[order]
    hours = rng.lognormal(np.log(9), 1.1, len(account))
    resolved = moment + (hours * 3600).astype("int64") * SECOND
    resolved = np.where((resolved >= span.end) | (rng.random(len(account)) < 0.01), NEVER, resolved)
    return pa.table({
        "ticket_id": pa.array(names("tic_", len(account)).astype(object), pa.string()),
        "account_id": pick(names("acc_", len(accounts)), account),
        "opened_at": instants(moment),
        "resolved_at": instants(resolved),
        "topic": pick(TOPICS, subject),
    })  # fmt: skip


def draw_surveys(accounts: Accounts, span: Span, stories: Stories, rng: np.random.Generator) -> pa.Table:
    """Recommendation (0 to 10) each quarter, satisfaction (1 to 5) and effort (1 to 7) by the way."""
    hit = {i.started[:7] for i in stories.incidents}
    parts = []
    for month in range(span.months):
        days = np.flatnonzero(span.month_of_day == month)
        alive = accounts.alive(span.month_starts[month] + 10 * DAY) & ~accounts.internal
        sour = 1.2 if span.month_name(month) in hit else 0.0
        scales = ((0.07, 7.6 - sour, 2.2, 0, 10), (0.06, 4.1 - sour / 2, 0.9, 1, 5), (0.04, 5.0, 1.3, 1, 7))
        for kind, (share, centre, spread, low, high) in enumerate(scales):
            who = np.flatnonzero(alive & (rng.random(len(accounts)) < share))
            score = np.clip(np.rint(rng.normal(centre, spread, len(who))), low, high).astype("int64")
            time = span.instants(rng, rng.choice(days, len(who)), PEOPLE)
            parts.append(np.stack([who, time, np.full(len(who), kind), score]))
    line = np.concatenate(parts, axis=1)
    line = line[:, np.lexsort((line[0], line[1]))]
    line = line[:, line[1] < accounts.closed[line[0]]]
    return pa.table({
        "account_id": pick(names("acc_", len(accounts)), line[0]),
        "answered_at": instants(line[1]),
        "kind": pick(SURVEYS, line[2]),
        "score": pa.array(line[3]),
    })  # fmt: skip


def draw_hosts(span: Span, stories: Stories, rng: np.random.Generator) -> pa.Table:
    """Hourly samples of three hosts: load follows the hour, incidents show."""
    times = np.repeat(np.arange(span.start, span.end, HOUR), 3)
    host = np.tile(np.arange(3), len(times) // 3)
    day = np.clip(span.day_of(times), 0, len(span.days) - 1)
    hour = (times - span.day_starts[day]) // HOUR % 24
    busy = PEOPLE[hour] / PEOPLE.max() * np.where(span.weekend[day], 0.4, 1.0) * span.season[day]
    busy = busy * (0.7 + 0.3 * day / max(len(span.days), 2))
    for incident in stories.incidents:
        inside = (times >= micros(incident.started)) & (times < micros(incident.ended))
        busy = np.where(inside, 1.55, busy)
    cpu = np.clip(0.14 + 0.42 * busy + rng.normal(0, 0.035, len(times)), 0.02, 0.99)
    memory = np.clip(0.42 + 0.16 * busy + 0.02 * host + rng.normal(0, 0.015, len(times)), 0.1, 0.98)
    return pa.table({
        "sampled_at": instants(times),
        "host": pick(("api-1", "api-2", "api-3"), host),
        "cpu_share": pa.array(np.round(cpu, 2)),
        "memory_share": pa.array(np.round(memory, 2)),
        "connections": pa.array(rng.poisson(20 + 180 * busy).astype("int64")),
    })  # fmt: skip


def incidents_table(stories: Stories, span: Span) -> pa.Table:
    """What the status page recorded; no rows in a company without incidents."""
    known = [i for i in stories.incidents if micros(i.ended) <= span.end]
    return pa.table({
        "started_at": instants(np.array([micros(i.started) for i in known], "int64")),
        "ended_at": instants(np.array([micros(i.ended) for i in known], "int64")),
        "scope": pa.array([i.scope for i in known], pa.string()),
    })  # fmt: skip


def releases_table(stories: Stories, span: Span) -> pa.Table:
    """Releases of the SDK and API teams: (released, team, version, breaking, days announced before)."""
    clients = ("python", "node", "java")
    rows = [(day, "SDK", f"{sdk} {version}", False, 3) for sdk in clients for version, day in SDK_RELEASES[sdk]]
    rows += [("2025-07-07", "API", "v2", True, 60)]
    for month in range(span.months):
        name = span.month_name(month)
        rows.append((f"{name}-{6 + month * 5 % 18:02d}", "API", f"{name.replace('-', '.')}.{month + 1}", False, 5))
    rows += [("2025-09-22", "Portal", "usage alerts", False, 7), ("2026-03-16", "Portal", "spend report", False, 7)]
    rows = sorted(r for r in rows if span.start <= micros(r[0]) < span.end)
    at = np.array([micros(r[0]) + 10 * HOUR for r in rows], "int64")
    return pa.table({
        "released_at": instants(at),
        "team": pa.array([r[1] for r in rows], pa.string()),
        "version": pa.array([r[2] for r in rows], pa.string()),
        "breaking": pa.array([r[3] for r in rows], pa.bool_()),
        "announced_at": instants(at - np.array([r[4] for r in rows], "int64") * DAY),
    })  # fmt: skip


def annotations_table(stories: Stories, span: Span) -> pa.Table:
    """Notes for the time axis: what everybody in the company knows, not what it caused."""
    notes = [
        ("2025-07-07", "API v2 released", "release"),
        ("2025-12-20", "holidays", "calendar"),
        ("2026-03-02", "node SDK 4.2.0 released", "release"),
        ("2026-04-06", "python SDK 2.3.0 released", "release"),
        ("2026-06-08", "python SDK 2.3.1 released", "release"),
    ]
    notes += [(i.started[:10], f"incident: {i.scope}", "incident") for i in stories.incidents]
    if stories.version_one_sunset:
        notes.append((SUNSET_ANNOUNCED, f"end of API v1 announced for {SUNSET}", "announcement"))
    notes = sorted(n for n in notes if span.start <= micros(n[0]) < span.end)
    return pa.table({
        "date": dates(np.array([n[0] for n in notes], "datetime64[D]")),
        "text": pa.array([n[1] for n in notes], pa.string()),
        "kind": pa.array([n[2] for n in notes], pa.string()),
    })  # fmt: skip
