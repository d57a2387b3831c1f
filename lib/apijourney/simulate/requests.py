"""The table `requests`: one row an API call, as a gateway would have logged it."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import DAY, NEVER, Span, generator, micros
from apijourney.simulate.columns import instants, late_and_twice, names, pick
from apijourney.simulate.company import SDKS, Accounts
from apijourney.simulate.people import Developers
from apijourney.simulate.plans import PlanPath
from apijourney.simulate.stories import SUNSET_ANNOUNCED, Stories
from apijourney.simulate.usage import (
    ENDPOINTS, METHODS, PRODUCTION, SANDBOX, Calls, endpoints_of, join, latencies, onboarding_calls,
    outcomes, regular_calls, rejected_keys, retries,
)  # fmt: skip

REGIONS = ("eu", "us", "ap")
MISTYPED = ("/v1/payment", "/payments", "/v1/tides", "/v1/identity/new")
_REGION_OF_COUNTRY = np.array([0, 0, 0, 0, 1, 0, 0, 2, 2])
SDK_RELEASES = {
    "python": [("2.1.0", "2025-01-20"), ("2.2.0", "2025-10-06"), ("2.3.0", "2026-04-06"), ("2.3.1", "2026-06-08")],
    "node": [("4.0.2", "2025-02-03"), ("4.1.0", "2025-09-15"), ("4.2.0", "2026-03-02")],
    "java": [("1.8.0", "2024-11-11"), ("1.9.0", "2025-12-01")],
    "curl": [("8", "2024-01-01")],
}
_VERSIONS = [(sdk, version) for sdk in SDKS for version, _ in SDK_RELEASES[sdk]]


def requests_by_month(
    accounts: Accounts, developers: Developers, plans: PlanPath, span: Span, stories: Stories, seed: int
) -> Iterator[tuple[pa.Table, dict]]:
    """Yield (table, codes) month by month; codes are what billing meters."""
    early = onboarding_calls(accounts, span, generator(seed, "onboarding"))
    month_of = np.searchsorted(span.month_starts, early.time, side="right") - 1
    first_id = 1
    for month in range(span.months):
        rng = generator(seed, f"requests {month}")
        calls = join([early.take(month_of == month), regular_calls(accounts, plans, span, month, rng)])
        calls = calls.take(np.lexsort((calls.account, calls.time)))
        endpoint = endpoints_of(accounts, calls, rng)
        status, slow = outcomes(accounts, plans, calls, endpoint, span, month, stories, rng)
        more, more_endpoint = retries(calls, endpoint, status, rng)
        more_status, more_slow = outcomes(accounts, plans, more, more_endpoint, span, month, stories, rng)
        calls = join([calls, more])
        endpoint = np.concatenate([endpoint, more_endpoint])
        status, slow = np.concatenate([status, more_status]), np.concatenate([slow, more_slow])
        refused = rejected_keys(calls, span, month, rng)
        nobody = len(refused)
        strangers = Calls(np.full(nobody, -1), refused, np.full(nobody, PRODUCTION, "int8"), np.zeros(nobody, "int8"))
        calls = join([calls, strangers])
        endpoint = np.concatenate([endpoint, rng.choice(8, nobody).astype("int8")])
        status = np.concatenate([status, np.full(nobody, 401, "int16")])
        slow = np.concatenate([slow, np.full(nobody, 0.1)])
        order = np.lexsort((calls.account, calls.time))
        order = order[calls.time[order] < span.month_starts[month + 1]]
        calls, endpoint, status, slow = calls.take(order), endpoint[order], status[order], slow[order]
        table = _table(accounts, developers, span, stories, calls, endpoint, status, slow, first_id, rng)
        first_id += len(order)
        live = (calls.environment == PRODUCTION) & (status < 300) & (calls.account >= 0)
        yield table, {"account": calls.account[live], "endpoint": endpoint[live], "calls": len(order)}


def _table(accounts, developers, span, stories, calls, endpoint, status, slow, first_id, rng) -> pa.Table:
    n, known = len(calls.time), calls.account >= 0
    account = np.where(known, calls.account, 0)
    region = _REGION_OF_COUNTRY[accounts.country[account]]
    region = np.where((account % 11 == 0) & (rng.random(n) < 0.4), 1, region)
    sdk = np.where(known, accounts.sdk[account], rng.integers(0, 4, n))
    version = _sdk_version(accounts, account, sdk, calls.time)
    latency = latencies(endpoint, status, slow, region, rng)
    latency[rng.random(n) < 10 / 35_000 / span.months] *= -1  # a few broken clocks in the gateway
    delay, twice = late_and_twice(n, rng)
    future = rng.random(n) < 7 / 35_000 / span.months
    received = calls.time + np.where(future, -2 * DAY, delay)
    second_person = (rng.random(n) ** 2 * developers.count_of[account]).astype(int)
    person = developers.first_of[account] + second_person
    person = np.where(developers.joined[person] <= calls.time, person, developers.first_of[account])
    kinds = np.array(["sbx", "key", "test"])
    robot = (account % 10 == 3) & (calls.environment == SANDBOX) & (rng.random(n) < 0.4)
    tested = known & (accounts.internal[account] | robot)
    tested &= calls.time >= np.where(accounts.first_success[account] == NEVER, 0, accounts.first_success[account])
    key = np.where(tested, 2, np.where(calls.environment == PRODUCTION, 1, 0))
    key_names = np.char.add(np.char.add(np.repeat(kinds, len(accounts)), "_"), np.tile(names("", len(accounts)), 3))
    api_version = _uses_version_two(accounts, stories, account, calls.time).astype(int)
    table = pa.table({
        "request_id": pa.array(np.arange(first_id, first_id + n)),
        "occurred_at": instants(calls.time),
        "received_at": instants(received),
        "account_id": pick(names("acc_", len(accounts)), np.where(known, account, -1)),
        "developer_id": pick(names("dev_", len(developers.account)), np.where(known, person, -1)),
        "key_id": pick(key_names, np.where(known, key * len(accounts) + account, -1)),
        "endpoint": raw_paths(endpoint, status, np.where(known, account, 0), np.arange(first_id, first_id + n)),
        "method": pick(METHODS, endpoint),
        "status": pa.array(status.astype("int16")),
        "latency_ms": pa.array(latency),
        "environment": pick(("sandbox", "production"), calls.environment),
        "sdk": pick(SDKS, sdk),
        "sdk_version": pick([v for _, v in _VERSIONS], version),
        "api_version": pick(("v1", "v2"), api_version),
        "region": pick(REGIONS, region),
    })  # fmt: skip
    return delivered(table, twice, span)


def raw_paths(endpoint: np.ndarray, status: np.ndarray, account: np.ndarray, number: np.ndarray) -> pa.Array:
    """The paths as a gateway logs them: ids written out, and a third of what was not found mistyped."""
    ids = (account * 40_503 + (number * 2_654_435_761 >> 7) % 50) % 2**20
    paths = np.array(ENDPOINTS, dtype=object)[endpoint]
    with_id = np.char.find(np.array(ENDPOINTS), "{id}")[endpoint] >= 0
    paths[with_id] = [p.replace("{id}", f"{i:05x}") for p, i in zip(paths[with_id], ids[with_id], strict=True)]
    mistyped = (status == 404) & (number % 3 == 0)
    paths[mistyped] = np.array(MISTYPED, dtype=object)[number[mistyped] % len(MISTYPED)]
    return pa.array(paths, pa.string())


def delivered(table: pa.Table, twice: np.ndarray, span: Span) -> pa.Table:
    """Add the rows that came twice and leave out what had not arrived when the data were taken."""
    rows = np.repeat(np.arange(len(table)), np.where(twice, 2, 1))
    out = table.take(pa.array(rows))
    arrived = out.column("received_at").cast("int64").to_numpy() < span.end
    return out.filter(pa.array(arrived))


def _sdk_version(accounts: Accounts, account: np.ndarray, sdk: np.ndarray, time: np.ndarray) -> np.ndarray:
    """The version in use: that of sign-up, then newer ones after the account's own delay."""
    delay = (10 + (account * 7907) % 170) * DAY
    delay = np.where(accounts.bad_sdk[account], 20 * DAY, delay)
    created = accounts.created[account]
    pinned = ~accounts.bad_sdk[account] & (created >= micros("2026-04-06")) & (created < micros("2026-06-08"))
    out, offset = np.zeros(len(account), int), 0
    for code, name in enumerate(SDKS):
        dates = np.array([micros(day) for _, day in SDK_RELEASES[name]])
        at_sign_up = np.searchsorted(dates, created, side="right") - 1
        if name == "python":
            at_sign_up = np.where(pinned & (at_sign_up == 2), 1, at_sign_up)
        later = np.searchsorted(dates, time - delay, side="right") - 1
        chosen = np.clip(np.maximum(at_sign_up, later), 0, len(dates) - 1)
        out = np.where(sdk == code, offset + chosen, out)
        offset += len(dates)
    return out


def _uses_version_two(accounts: Accounts, stories: Stories, account: np.ndarray, time: np.ndarray) -> np.ndarray:
    """New accounts start on v2 from July 2025; older ones move over, some large ones do not."""
    new = accounts.created[account] >= micros("2025-07-07")
    slow = (account * 6151) % 540
    moves = micros("2025-07-07") + (60 + slow * 1.6).astype("int64") * DAY
    if stories.version_one_sunset:
        announced = micros(SUNSET_ANNOUNCED)
        moves = np.where(moves > announced, announced + (moves - announced) // 3, moves)
    stays = accounts.legacy[account] & ((accounts.base[account] > 9) | accounts.whale[account]) & (account % 2 == 0)
    return new | ((time >= moves) & ~stays)
