"""Which developers belong to an account, and by which visitor ids were they known before?

Unit: the developer. The first developer signs the account up; more are invited later. Some links
are made days after sign-up, when a person logs in on another device. Some developers sign up and
never open an account.
"""

from dataclasses import dataclass

import numpy as np

from apijourney.simulate.calendar import DAY, NEVER, PEOPLE, Span
from apijourney.simulate.company import CHANNEL_SHARES, CHANNELS, Accounts


@dataclass
class Developers:
    """Sorted by account, then by joining; the first of an account is its founder.

    account is -1 for a developer without one. Visitors are numbered from 0; `device` is a second
    visitor id, -1 where there is none.
    """

    account: np.ndarray
    channel: np.ndarray
    joined: np.ndarray
    founder: np.ndarray
    visitor: np.ndarray
    device: np.ndarray
    linked: np.ndarray
    device_linked: np.ndarray
    first_of: np.ndarray
    count_of: np.ndarray

    @property
    def visitors(self) -> int:
        """How many visitor numbers are taken."""
        return int(max(self.visitor.max(), self.device.max())) + 1


def draw_developers(accounts: Accounts, span: Span, rng: np.random.Generator) -> Developers:
    """Draw the developers of all accounts and those without one."""
    n = len(accounts)
    used = accounts.production != NEVER
    invited = rng.poisson(np.array([0.5, 1.4, 3.2])[accounts.segment] * np.where(used, 1.0, 0.12))
    guest = np.repeat(np.arange(n), invited)
    base = np.maximum(accounts.created[guest], span.start - 200 * DAY)
    joined = span.to_working_hours(rng, base + (rng.uniform(0.5, 220, len(guest)) * DAY).astype("int64"))
    stays = joined < np.minimum(span.end, accounts.closed[guest])
    guest, joined = guest[stays], joined[stays]
    lone = round(0.05 * (~accounts.legacy).sum())
    lone_joined = span.instants(rng, rng.integers(0, len(span.days), lone), PEOPLE)

    account = np.concatenate([np.arange(n), guest, np.full(lone, -1)])
    joined = np.concatenate([accounts.created, joined, lone_joined])
    founder = np.arange(len(account)) < n
    order = np.lexsort((joined, ~founder, np.where(account < 0, n, account)))
    account, joined, founder = account[order], joined[order], founder[order]
    total = len(account)
    drawn = rng.choice(len(CHANNELS), total, p=CHANNEL_SHARES)
    channel = np.where(account >= 0, accounts.channel[account], drawn)
    later = founder & (rng.random(total) < 0.12) & (joined >= span.start)
    linked = joined + np.where(later, (rng.lognormal(np.log(1.5), 0.9, total) * DAY).astype("int64"), 0)
    has_device = (rng.random(total) < 0.16) & (joined >= span.start)
    device_linked = joined + (rng.lognormal(np.log(4), 1.0, total) * DAY).astype("int64")
    device = np.where(has_device, total + np.cumsum(has_device) - 1, -1)
    return Developers(
        account=account, channel=channel, joined=joined, founder=founder, visitor=np.arange(total), device=device,
        linked=linked, device_linked=device_linked,
        first_of=np.searchsorted(np.where(account < 0, n, account), np.arange(n)),
        count_of=np.bincount(account[account >= 0], minlength=n),
    )  # fmt: skip
