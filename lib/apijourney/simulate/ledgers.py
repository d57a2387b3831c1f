"""The tables `accounts`, `account_history` and `identities`: who is who, as of now and as it changed."""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import NEVER, Span
from apijourney.simulate.columns import instants, names, pick
from apijourney.simulate.company import CHANNELS, CLOSE_REASONS, COUNTRIES, SEGMENTS, Accounts
from apijourney.simulate.people import Developers
from apijourney.simulate.plans import PLANS, QUOTAS, PlanPath

_FIRST = ("Amber", "Birch", "Cobalt", "Drift", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel",
          "Lantern", "Maple", "North", "Orchard", "Pebble", "Quarry", "River", "Saffron", "Timber", "Umbra", "Violet",
          "Willow", "Yarrow", "Zephyr")  # fmt: skip
_SECOND = ("Bikes", "Books", "Clinics", "Coffee", "Energy", "Ferries", "Fleet", "Foods", "Games", "Homes", "Hotels",
           "Insurance", "Labs", "Lending", "Logistics", "Marine", "Market", "Media", "Payroll", "Rentals", "Sailing",
           "Studio", "Tickets", "Travel", "Works")  # fmt: skip
_OWNERS = ("Amina", "Bruno", "Carla", "Dmitri", "Elif")


def _title(number: int) -> str:
    again, place = divmod(number * 7, 625)
    return f"{_FIRST[place % 25]} {_SECOND[place // 25]}" + (f" {again + 1}" if again else "")


def accounts_table(accounts: Accounts, plans: PlanPath) -> pa.Table:
    """Attributes as of the end of the data."""
    n = len(accounts)
    number = np.arange(n)
    titles = np.array([_title(i) for i in number])
    titles = np.where(accounts.internal, np.char.add("Tideline internal ", number.astype(str)), titles)
    last = plans.after[-1]
    shut = accounts.closed != NEVER
    return pa.table({
        "account_id": pick(names("acc_", n), number),
        "name": pick(titles, number),
        "owner": pick(_OWNERS, np.where(accounts.segment == 0, -1, number % 5)),
        "created_at": instants(accounts.created),
        "closed_at": instants(accounts.closed),
        "close_reason": pick(CLOSE_REASONS, np.where(shut, accounts.close_reason, -1)),
        "segment": pick(SEGMENTS, accounts.segment),
        "country": pick(COUNTRIES, accounts.country),
        "channel": pick(CHANNELS, accounts.channel),
        "plan": pick(PLANS, last),
        "quota_per_month": pa.array(QUOTAS[last].astype("int64")),
        "is_internal": pa.array(accounts.internal),
    })  # fmt: skip


def history_table(accounts: Accounts, plans: PlanPath, span: Span) -> pa.Table:
    """The first state of each account, then one row a change, by account and time."""
    n = len(accounts)
    opening = np.where(accounts.created < span.start, plans.before[0], 0)
    month, who = np.nonzero(plans.changed != NEVER)
    account = np.concatenate([np.arange(n), who])
    moment = np.concatenate([accounts.created, plans.changed[month, who]])
    plan = np.concatenate([opening, plans.after[month, who]])
    order = np.lexsort((moment, account))
    account, moment, plan = account[order], moment[order], plan[order]
    return pa.table({
        "account_id": pick(names("acc_", n), account),
        "valid_from": instants(moment),
        "plan": pick(PLANS, plan),
        "quota_per_month": pa.array(QUOTAS[plan].astype("int64")),
        "segment": pick(SEGMENTS, accounts.segment[account]),
    })  # fmt: skip


def identities_table(accounts: Accounts, developers: Developers, shuffled: np.ndarray, span: Span) -> pa.Table:
    """Links by the time they were made: at sign-up, and for some the account or a device days later."""
    every = np.arange(len(developers.account))
    at_once = developers.linked == developers.joined
    account = np.where(at_once, developers.account, -1)
    late = np.flatnonzero(~at_once)
    device = np.flatnonzero(developers.device >= 0)
    visitor = np.concatenate([developers.visitor, developers.visitor[late], developers.device[device]])
    developer = np.concatenate([every, late, device])
    owner = np.concatenate([account, developers.account[late], developers.account[device]])
    moment = np.concatenate([developers.joined, developers.linked[late], developers.device_linked[device]])
    order = np.lexsort((visitor, moment))
    order = order[moment[order] < span.end]
    return pa.table({
        "visitor_id": pick(names("vis_", len(shuffled)), shuffled[visitor[order]]),
        "developer_id": pick(names("dev_", len(every)), developer[order]),
        "account_id": pick(names("acc_", len(accounts)), owner[order]),
        "linked_at": instants(moment[order]),
    })  # fmt: skip
