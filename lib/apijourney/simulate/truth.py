"""What is true in the simulated company, for tests to hold the metrics against?"""

import numpy as np
import pyarrow.compute as pc

from apijourney.simulate.calendar import NEVER, ZONE, micros
from apijourney.simulate.company import CHANNELS
from apijourney.simulate.stories import BAD_SDK_FIXED, BAD_SDK_RELEASED, DEAD_CHANNEL, SUNSET, SUNSET_ANNOUNCED


def truth_of(simulation) -> dict:
    """Return the planted stories with their dates, sizes, and what the draw made of them."""
    a, s, span = simulation.accounts, simulation.stories, simulation.span
    closed_window = ~a.legacy & ~a.internal & (a.created < span.end - 14 * 86_400_000_000)
    first_calls = ~a.legacy & ~a.internal & (a.first_call != NEVER)
    weeks = (a.created >= micros(BAD_SDK_RELEASED)) & (a.created < micros(BAD_SDK_FIXED))

    def share(which: np.ndarray, hit: np.ndarray) -> dict:
        n = int(which.sum())
        k = int((which & hit).sum())
        return {"accounts": n, "hits": k, "share": round(k / n, 4) if n else None}

    dead = a.channel == CHANNELS.index(DEAD_CHANNEL)
    out = {
        "simulated": True,
        "seed": simulation.seed,
        "timezone": ZONE,
        "first_day": str(span.days[0]),
        "last_day": str(span.days[-1]),
        "stories_planted": s.version_one_sunset,
        "rows": {name: len(table) for name, table in simulation.tables.items()},
        "activation": {
            "meaning": "successful production calls on two local days within 14 days of sign-up",
            "all_sign_ups": share(closed_window, a.activated),
        },
        "bad_sdk_release": {
            "version": "python 2.3.0",
            "released": BAD_SDK_RELEASED,
            "fixed_by": "python 2.3.1",
            "fixed": BAD_SDK_FIXED,
            "true_first_call_failing_share": s.first_call_failing_on_bad_sdk,
            "true_first_call_failing_share_elsewhere": s.first_call_failing,
            "true_odds_ratio_of_activation": s.bad_sdk_odds_ratio,
            "drawn_first_call_failing": share(first_calls & a.bad_sdk, a.first_failed),
            "drawn_first_call_failing_elsewhere": share(first_calls & ~a.bad_sdk, a.first_failed),
            "drawn_activated": share(closed_window & a.bad_sdk, a.activated),
            "drawn_activated_others_in_the_same_weeks": share(closed_window & weeks & ~a.bad_sdk, a.activated),
        },
        "outage_month": {
            "month": "2026-02",
            "incidents": [
                {
                    "started": i.started, "ended": i.ended, "scope": i.scope,
                    "true_failing_share": i.failing, "true_shed_share": i.shed,
                }
                for i in s.incidents  # fmt: skip
            ],
            "true_server_error_share_otherwise": s.server_error_share,
        },
        "helpful_quickstart": {
            "true_odds_ratio_of_activation": s.quickstart_odds_ratio,
            "randomised": "a nudge is shown to half of the sign-ups by chance; completing depends on nothing else",
            "drawn_completed_when_nudged": share(closed_window & a.nudged, a.quickstart),
            "drawn_completed_otherwise": share(closed_window & ~a.nudged, a.quickstart),
            "drawn_activated_with": share(closed_window & a.quickstart, a.activated),
            "drawn_activated_without": share(closed_window & ~a.quickstart, a.activated),
        },
        "whale": {
            "account": f"acc_{int(np.flatnonzero(a.whale)[0]):05d}" if a.whale.any() else None,
            "true_share_of_mrr_first_month": s.whale_first_share,
            "true_share_of_mrr_last_month": s.whale_last_share,
            "true_growth_of_usage_per_month_elsewhere": s.growth_per_month,
        },
        "dead_channel": {
            "channel": DEAD_CHANNEL,
            "true_odds_ratio_of_activation": s.dead_channel_odds_ratio,
            "drawn_activated": share(closed_window & dead, a.activated),
            "drawn_activated_elsewhere": share(closed_window & ~dead, a.activated),
        },
        "deprecated_version": {
            "version": "v1",
            "announced": SUNSET_ANNOUNCED if s.version_one_sunset else None,
            "sunset": SUNSET if s.version_one_sunset else None,
            "accounts_on_it_in_the_last_month": _accounts_on_version_one(simulation),
        },
        "always_there": {
            "late_share": 0.015,
            "twice_share": 0.004,
            "seasonality": "weekends, the turn of the year, a little in August",
            "bots": "crawlers, monitors and AI agents among the visitors, by properties.agent",
            "test_keys": "key_id begins with test_; all traffic of internal accounts, and tests of some customers",
        },
    }
    return out


def _accounts_on_version_one(simulation) -> int:
    calls = simulation.tables["requests"]
    last = int(simulation.span.month_starts[-2])
    recent = pc.greater_equal(calls.column("occurred_at").cast("int64"), last)
    old = calls.filter(pc.and_(recent, pc.equal(calls.column("api_version"), "v1")))
    return len(pc.unique(old.column("account_id").drop_null()))
