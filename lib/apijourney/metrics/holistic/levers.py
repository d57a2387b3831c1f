"""What would moving each lever bring at the end of the funnel: paying accounts and MRR in a month?

Unit: a lever, moved by the same number of percentage points as every other. A lever is a step of the
funnel, or the driver found in `drivers`. The answers hold only *if the association were causal*: if
accounts that are moved did what those do who move by themselves. They rank where to try first; only a
trial by chance can tell what a lever is worth.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.adjusted import adjusted_difference
from apijourney.metrics.holistic.drivers import CONFOUNDERS, chosen_driver, drivers, early_behaviour, split_by_time
from apijourney.metrics.product.conversion.step_levers import COLUMNS, LAST_MONTHS, checked_points, journey_levers


def levers(study, *, points: float = 1.0, window: str = "60D") -> pd.DataFrame | NotMeasurable:
    """How many more paying accounts, and how much MRR, would each lever bring a month?

    Parameters
    ----------
    points : by how many percentage points each lever is moved (never beyond 100 %).
    window : of the funnel, from its first step.

    Returns
    -------
    One row a lever, the most paying accounts first: lever, kind ("step" or "driver"), now (its share),
    moved_to, entering (accounts a month that meet it; mean of the last three whole months), paying with
    low and high (95 %): further accounts a month that reach the end of the funnel (for a driver: that
    have MRR in the third month after sign-up); mrr_minor with mrr_low and mrr_high: their MRR, minor
    units; n (accounts the effect was judged on). NaN = too few to say.
    """
    return _levers(study, checked_points(points), window)


@remembered
def _levers(study, points: float, window: str) -> pd.DataFrame | NotMeasurable:
    steps = _steps(study, points, window)
    driver = _driver(study, points)
    if isinstance(steps, NotMeasurable) and isinstance(driver, NotMeasurable):
        return steps
    found = [t for t in (driver, steps) if not isinstance(t, NotMeasurable)]
    table = pd.concat(found, ignore_index=True)
    return table.sort_values("paying", ascending=False, kind="stable", ignore_index=True)


def _steps(study, points: float, window: str) -> pd.DataFrame | NotMeasurable:
    behaviour = early_behaviour(study)
    minor = behaviour["mrr_minor"] if isinstance(behaviour, pd.DataFrame) else pd.Series(dtype=float)
    return journey_levers(study, points=points, window=window, mrr_minor=minor[minor > 0].to_numpy())


@remembered
def driver_effects(study) -> tuple[str, dict, dict, float] | NotMeasurable:
    """The driver to act on, and its difference in paying accounts and MRR among the later accounts.

    Returns its label ("quickstart completed"), the two answers of `adjusted_difference` (paying; MRR in
    minor units), and the share of the later accounts that did it.
    """
    chosen = chosen_driver(drivers(study))
    if isinstance(chosen, NotMeasurable):
        return chosen
    behaviour, cut = chosen["behaviour"].iloc[0], chosen["cut"].iloc[0]
    table = early_behaviour(study)
    _, later = split_by_time(table[table["why_not"] == ""])
    later = later.assign(did=later[behaviour] >= cut)
    paying, amount = (
        adjusted_difference(later, exposure="did", outcome=o, confounders=CONFOUNDERS) for o in ("paying", "mrr_minor")
    )
    if not np.isfinite(paying["adjusted"]):
        return NotMeasurable(
            "What the driver would bring",
            "of too few later accounts the third month is known and billed; choose a later month.",
        )
    label = behaviour if cut == 1 else f"{behaviour}, {cut} times or more"
    return label, paying, amount, float(later["did"].mean())


def _driver(study, points: float) -> pd.DataFrame | NotMeasurable:
    found = driver_effects(study)
    if isinstance(found, NotMeasurable):
        return found
    label, paying, amount, share = found
    opened = early_behaviour(study)["month"].value_counts()
    whole = [m for m in study.all_months if study.whole(m)][-LAST_MONTHS:]
    entering = float(opened.reindex(whole, fill_value=0).mean())
    moved = min(points / 100, 1 - share) * entering
    brought = [moved * found[c] for found in (paying, amount) for c in ("adjusted", "low", "high")]
    row = [label, "driver", share, min(share + points / 100, 1.0), entering, *brought, paying["n"]]
    return pd.DataFrame([row], columns=COLUMNS)
