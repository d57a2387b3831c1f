"""Who looks at the site before anybody signs up: people and bots?

Unit: the page view. People come in sessions of a few views with pauses between them; crawlers
sweep, monitors knock every few hours, AI agents read fast. Sign-ups are the business of `portal`.
"""

import numpy as np

from apijourney.simulate.calendar import DAY, HOUR, PEOPLE, SECOND, Span
from apijourney.simulate.company import CHANNEL_SHARES, CHANNELS
from apijourney.simulate.pages import PAGES
from apijourney.simulate.people import Developers

TOUCHPOINTS = (
    "landing_view", "docs_view", "docs_search", "pricing_view", "quickstart_view", "quickstart_completed",
    "sandbox_opened", "sign_up", "key_created", "sdk_installed", "dashboard_view", "log_view", "status_view",
    "alert_set", "spend_report_view", "plan_upgraded", "plan_downgraded", "key_revoked",
)  # fmt: skip
DOCS = tuple(PAGES)
SITE = (
    "/", "/pricing", "/docs/search", "/sandbox", "/sign-up", "/status", "/portal", "/portal/logs",
    "/portal/spend", *DOCS,
)  # fmt: skip
_PAGE_OF = {
    "landing_view": "/", "docs_search": "/docs/search", "pricing_view": "/pricing",
    "quickstart_view": "/docs/quickstart", "quickstart_completed": "/docs/quickstart",
    "sandbox_opened": "/sandbox", "sign_up": "/sign-up", "dashboard_view": "/portal",
    "log_view": "/portal/logs", "status_view": "/status", "spend_report_view": "/portal/spend",
}  # fmt: skip
FIXED_PAGE = np.array([SITE.index(_PAGE_OF[t]) if t in _PAGE_OF else -1 for t in TOUCHPOINTS])
AGENTS = ("browser", "crawler", "monitor", "ai_agent")
NUDGED, NOT_NUDGED = 60, 61  # places in PROPERTIES
PROPERTIES = [f'{{"agent":"{a}"}}' for a in AGENTS]
PROPERTIES += [f'{{"agent":"{a}","results":{k}}}' for a in ("browser", "ai_agent") for k in range(28)]
PROPERTIES += ['{"agent":"browser","nudge":"shown"}', '{"agent":"browser","nudge":"not shown"}']
FIELDS = ("visitor", "developer", "account", "time", "touchpoint", "channel", "page", "properties")
_VIEWS = np.arange(5)  # the first five touchpoints are the pages a visitor sees
_LATER = np.array([0.07, 0.53, 0.13, 0.14, 0.13])
_DOCS_READ = np.array([0.09, 0.10, 0.15, 0.07, 0.05, 0.11, 0.06, 0.06, 0.03, 0.08, 0.09, 0.06, 0.02, 0.03])


def code(touchpoint: str) -> int:
    return TOUCHPOINTS.index(touchpoint)


def rows(
    visitor, time, touchpoint, rng, *, developer=-1, account=-1, channel=-1, agent=0, properties=None
) -> np.ndarray:
    """Stack touchpoints as one integer array (field × row); pages and search results are drawn."""
    visitor, developer, account, time, touchpoint, channel, agent = (
        np.array(c, "int64")
        for c in np.broadcast_arrays(visitor, developer, account, time, touchpoint, channel, agent)
    )
    n = len(visitor)
    read = SITE.index(DOCS[0]) + rng.choice(len(DOCS), n, p=_DOCS_READ / _DOCS_READ.sum())
    page = np.where(touchpoint == code("docs_view"), read, FIXED_PAGE[touchpoint])
    results = np.where(rng.random(n) < 0.13, 0, 1 + rng.integers(0, 27, n))
    searched = 4 + np.where(agent == 3, 28, 0) + results
    drawn = np.where(touchpoint == code("docs_search"), searched, agent)
    given = drawn if properties is None else np.broadcast_to(properties, n)
    return np.stack([visitor, developer, account, time, touchpoint, channel, page, given])


def browse(visitor, start, views, channel, rng, *, agent=0, pause=45.0, ends=None) -> np.ndarray:
    """Page views of sessions: the first view enters, pauses lie between; `ends` places the last view."""
    session = np.repeat(np.arange(len(visitor)), views)
    first = np.concatenate([[0], np.cumsum(views)[:-1]])
    position = np.arange(len(session)) - first[session]
    gap = np.minimum(rng.lognormal(np.log(pause), 1.0, len(session)), 1500.0)
    gap = (np.where(position == 0, 0, gap) * 1000).astype("int64") * 1000
    total = np.cumsum(gap)
    offset = total - total[first[session]]
    if ends is not None:
        last = offset[first + views - 1]
        start = ends - last - 25 * SECOND
    later = _VIEWS[rng.choice(5, len(session), p=_LATER)]
    at_docs = np.array([c in ("docs", "partner") for c in CHANNELS])[np.where(channel < 0, 0, channel)]
    by_docs = rng.random(len(session)) < np.where(at_docs, 0.75, 0.30)[session]
    enters = np.where(by_docs, code("docs_view"), code("landing_view"))
    touchpoint = np.where(position == 0, enters, later)
    time = start[session] + offset
    return rows(visitor[session], time, touchpoint, rng, channel=channel[session], agent=agent)


def visits(developers: Developers, span: Span, rng: np.random.Generator) -> list[np.ndarray]:
    """All views by people who are not logged in, and by bots. Visitors are numbered after the known ones."""
    signers = np.flatnonzero((developers.founder | (developers.account < 0)) & (developers.joined >= span.start))
    parts = [_before_sign_up(developers, signers, span, rng)]
    devices = np.flatnonzero(developers.device >= 0)
    moment = developers.joined[devices] - (rng.exponential(4, len(devices)) * DAY).astype("int64") // 1000 * 1000
    moment = span.to_working_hours(rng, moment)
    views = rng.geometric(0.4, len(devices))
    parts.append(browse(developers.device[devices], moment, views, developers.channel[devices], rng))
    unknown = int(12.3 * len(signers))
    first = developers.visitors
    parts.append(_never_signing(first, unknown, span, rng))
    parts += _bots(first + unknown, max(len(signers) / 1400, 0.02), span, rng)
    return parts


def _before_sign_up(developers, signers, span, rng) -> np.ndarray:
    visitor, channel, sign_up = developers.visitor, developers.channel, developers.joined[signers]
    views = 1 + rng.geometric(0.28, len(signers))
    last = browse(visitor[signers], sign_up, views, channel[signers], rng, ends=sign_up)
    earlier = np.repeat(signers, rng.poisson(1.1, len(signers)))
    gap = ((0.1 + rng.exponential(6, len(earlier))) * DAY).astype("int64") // 1000 * 1000
    start = span.to_working_hours(rng, developers.joined[earlier] - gap)
    start = np.minimum(start, developers.joined[earlier] - 3 * HOUR)
    views = rng.geometric(0.33, len(earlier))
    return np.concatenate([last, browse(visitor[earlier], start, views, channel[earlier], rng)], axis=1)


def _never_signing(first: int, n: int, span: Span, rng) -> np.ndarray:
    weights = np.where(span.weekend, 0.45, 1.0) * span.season * np.linspace(0.75, 1.25, len(span.days))
    session = np.repeat(np.arange(n), 1 + rng.poisson(0.5, n))
    came = rng.choice(len(span.days), n, p=weights / weights.sum())
    shift = (rng.exponential(9, len(session))).astype(int)
    is_first = np.concatenate([[True], session[1:] != session[:-1]])
    day = came[session] + np.where(is_first, 0, shift)
    keep = day < len(span.days)
    session, day = session[keep], day[keep]
    channel = rng.choice(len(CHANNELS), n, p=CHANNEL_SHARES)[session]
    views = rng.geometric(0.36, len(session))
    return browse(first + session, span.instants(rng, day, PEOPLE), views, channel, rng)


def _bots(first: int, size: float, span: Span, rng) -> list[np.ndarray]:
    flat = np.full(24, 1 / 24)
    days = len(span.days)
    crawlers = max(int(500 * size * days / 549), 2)
    start = span.instants(rng, rng.integers(0, days, crawlers), flat)
    views = rng.integers(4, 26, crawlers)
    sweep = browse(first + np.arange(crawlers), start, views, np.full(crawlers, -1), rng, agent=1, pause=3.0)
    first += crawlers
    agents = max(int(2200 * size * days / 549), 3)
    growing = np.linspace(0.1, 2.0, days) ** 1.5
    start = span.instants(rng, rng.choice(days, agents, p=growing / growing.sum()), flat)
    views = 1 + rng.geometric(0.35, agents)
    reads = browse(first + np.arange(agents), start, views, np.full(agents, -1), rng, agent=3, pause=2.0)
    first += agents
    times = np.arange(span.start, span.end, 8 * HOUR)
    monitors = [
        rows(first + k, times + rng.integers(0, 600, len(times)) * SECOND, code(t), rng, agent=2)
        for k, t in enumerate(("landing_view", "status_view", "status_view"))
    ]
    return [sweep, reads, *monitors]
