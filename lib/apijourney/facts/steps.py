"""What counts as taking a step of the journey?

Unit: an event. A step is an event name, or a `Step` when only some of these events count (the calls
that succeeded, the invoices of a kind). An `Exclude` is an event that spoils an attempt.
It does not say in which order steps are taken: see `apijourney.metrics.product.conversion.funnel`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apijourney.errors import WorkbookError


LOOKED_FOR = frozenset({
    "landing_view", "docs_view", "docs_search", "pricing_view", "quickstart_view", "quickstart_completed",
    "sandbox_opened", "sign_up", "key_created", "sdk_installed", "dashboard_view", "log_view", "status_view",
    "alert_set", "spend_report_view", "plan_upgraded", "plan_downgraded", "key_revoked", "production_requested",
    "production_approved",
})  # fmt: skip
"""The usual names of touchpoints, those that metrics look for among them: known, though a company may have none."""


@dataclass(frozen=True)
class Step:
    """An event, narrowed by its properties.

    event : name of the event
    where : property → wanted value, or a list of wanted values; every property must match

    >>> Step("request", where={"status_class": "2xx"}).label
    'request (status_class=2xx)'
    """

    event: str
    where: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The step as a reader sees it in a table or on an axis."""
        if not self.where:
            return self.event
        parts = (f"{name}={'|'.join(map(str, wanted(v)))}" for name, v in self.where.items())
        return f"{self.event} ({', '.join(parts)})"


@dataclass(frozen=True)
class Exclude:
    """An event that must not happen between two steps.

    event : name of the event, or a `Step`
    after, before : 0-based indexes of the steps it must not come between; before=None is the last

    >>> Exclude("key_revoked", after=0, before=1)
    Exclude(event='key_revoked', after=0, before=1)
    """

    event: str | Step
    after: int = 0
    before: int | None = None


def as_step(step: str | Step, *, where: str = "steps") -> Step:
    """Read a step the way people write it: a name or a `Step`.

    >>> as_step("sign_up")
    Step(event='sign_up', where={})
    """
    if isinstance(step, Step):
        return step
    if isinstance(step, str):
        return Step(step)
    raise WorkbookError(
        f"{where}: a step is an event name or Step(event, where={{…}}), not {step!r}."
    )


def wanted(value: object) -> list:
    """List the values a property may have: one value, or any of several."""
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
