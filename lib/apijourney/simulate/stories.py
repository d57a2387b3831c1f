"""Which stories are planted in the simulated company, and how large is each true effect?

A story is a cause with a size. The null company is the same company with every size at zero.
Only the simulator reads this; metrics and notebooks have to find the stories in the data.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Incident:
    """A stretch of local time in which production calls fail.

    failing : share of calls answered 5xx
    shed : share of calls refused with 429 although the caller's quota is not reached
    """

    started: str
    ended: str
    scope: str
    failing: float
    shed: float = 0.0


@dataclass(frozen=True)
class Stories:
    """Effect sizes. Odds ratios multiply the odds of activation; 1 is no effect."""

    quickstart_odds_ratio: float = 2.4
    bad_sdk: bool = True
    bad_sdk_odds_ratio: float = 0.20
    first_call_failing: float = 0.20
    first_call_failing_on_bad_sdk: float = 0.55
    dead_channel_odds_ratio: float = 0.04
    activated_without_quickstart: float = 0.38
    whale_first_share: float = 0.11
    whale_last_share: float = 0.25
    growth_per_month: float = -0.045
    shrinking: float = 3.0
    version_one_sunset: bool = True
    server_error_share: float = 0.0008
    incidents: tuple[Incident, ...] = (
        Incident("2026-02-10T09:00", "2026-02-10T14:30", "all endpoints", 0.62),
        Incident("2026-02-19T13:00", "2026-02-19T17:30", "/v1/payments", 0.70, shed=0.08),
    )

    @property
    def whale(self) -> bool:
        return self.whale_last_share > 0


BAD_SDK_RELEASED, BAD_SDK_FIXED = "2026-04-06", "2026-06-08"
SUNSET_ANNOUNCED, SUNSET = "2026-05-11", "2026-12-01"
DEAD_CHANNEL = "hackathon"


def null_stories() -> Stories:
    """Return the company without stories: every effect is absent, the rest is the same.

    >>> null_stories().quickstart_odds_ratio, null_stories().incidents
    (1.0, ())
    """
    return Stories(
        quickstart_odds_ratio=1.0,
        bad_sdk=False,
        bad_sdk_odds_ratio=1.0,
        first_call_failing_on_bad_sdk=0.20,
        dead_channel_odds_ratio=1.0,
        activated_without_quickstart=0.42,
        whale_first_share=0.0,
        whale_last_share=0.0,
        growth_per_month=0.0,
        shrinking=1.0,
        version_one_sunset=False,
        server_error_share=0.001,
        incidents=(),
    )
