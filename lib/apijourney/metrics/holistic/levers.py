"""What would moving each lever bring at the end of the funnel: paying accounts and MRR in a month?

Unit: a lever, moved by the same number of percentage points as every other. A lever is a step of the
funnel, or the driver found in `drivers`. The answers hold only *if the association were causal*: if
accounts that are moved did what those do who move by themselves. They rank where to try first; only a
trial by chance can tell what a lever is worth.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.adjusted import adjusted_difference
from apijourney.metrics.holistic.drivers import CONFOUNDERS, chosen_driver, drivers, early_behaviour, split_by_time
from apijourney.metrics.product.journey_funnel import journey_funnel, journey_trend

_LAST_MONTHS = 3
COLUMNS = ["lever", "kind", "now", "moved_to", "entering", "paying", "low", "high", "mrr_minor", "mrr_low", "mrr_high", "n"]


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
    if isinstance(points, bool) or not 0 < points <= 100:
        raise WorkbookError(f"points: a lever is moved by more than 0 and at most 100 percentage points, not by {points!r}.")
    return _levers(study, float(points), window)


@remembered
def _levers(study, points: float, window: str) -> pd.DataFrame | NotMeasurable:
    steps = _steps(study, points, window)
    driver = _driver(study, points)
    if isinstance(steps, NotMeasurable) and isinstance(driver, NotMeasurable):
        return steps
    found = [t for t in (driver, steps) if not isinstance(t, NotMeasurable)]
    table = pd.concat(found, ignore_index=True)
    return table.sort_values("paying", ascending=False, kind="stable", ignore_index=True)


def step_levers(
    names: list[str], reached: list[int], *, entering: float, points: float, mrr_minor, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """What would `points` more at each step of a funnel bring at its end?

    names, reached : the steps, and how many of the accounts of the first took each (never growing).
    entering : accounts that enter in a month. mrr_minor : what each new paying account brings, minor units.
    If step k goes from share c to c + d, and the later steps keep their shares, the end grows by d / c.
    The intervals draw accounts anew (by the step each reached, and the MRR of those who pay).

    >>> found = step_levers(["opened", "called", "paid"], [100, 50, 10], entering=100, points=1, mrr_minor=[1000])
    >>> found[["lever", "now", "paying", "mrr_minor"]].round(3).values.tolist()
    [['opened → called', 0.5, 0.2, 200.0], ['called → paid', 0.2, 0.5, 500.0]]
    """
    counts, amounts = np.asarray(reached, dtype=float), np.asarray(mrr_minor, dtype=float)
    rng = np.random.default_rng(seed)
    exits = np.append(counts[:-1] - counts[1:], counts[-1])
    drawn = rng.multinomial(int(counts[0]), exits / counts[0], size=draws)
    drawn = drawn[:, ::-1].cumsum(axis=1)[:, ::-1].astype(float)
    mean = amounts.mean() if len(amounts) else np.nan
    means = rng.choice(amounts, size=(draws, len(amounts))).mean(axis=1) if len(amounts) > 1 else np.full(draws, np.nan)
    rows = []
    for k in range(1, len(counts)):
        gain, gains = _gain(counts, k, entering, points), _gain(drawn, k, entering, points)
        share = counts[k] / counts[k - 1] if counts[k - 1] else np.nan
        low, high = _bounds(gains) if np.isfinite(gain) else (np.nan, np.nan)
        mrr = _bounds(gains * means) if np.isfinite(gain) else (np.nan, np.nan)
        met = entering * counts[k - 1] / counts[0]
        rows.append((f"{names[k - 1]} → {names[k]}", "step", share, min(share + points / 100, 1.0), met,
                     gain, low, high, gain * mean, *mrr, int(counts[0])))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _bounds(drawn: np.ndarray) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def _gain(counts: np.ndarray, k: int, entering: float, points: float):
    """Further accounts at the end when step k gains points, capped at 100 %. counts : (draws ×) steps."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts[..., k] / counts[..., k - 1]
        more = np.minimum(points / 100, 1 - share)
        return np.where(share > 0, entering * counts[..., -1] / counts[..., 0] * more / share, np.nan)[()]


def _steps(study, points: float, window: str) -> pd.DataFrame | NotMeasurable:
    table = journey_funnel(study, window=window)
    if isinstance(table, NotMeasurable):
        return table
    if table.empty or table["accounts"].iloc[0] < study.workbook.definitions.min_n:
        return NotMeasurable(
            "Levers of the funnel",
            "too few accounts entered whose window is closed; choose a later month or a shorter window.",
        )
    trend = journey_trend(study, window=window)
    whole = trend[[study.whole(m) for m in trend["month"]]].tail(_LAST_MONTHS)
    entering = float((whole["denominator"] + whole["immature"]).mean())
    behaviour = early_behaviour(study)
    minor = behaviour["mrr_minor"] if isinstance(behaviour, pd.DataFrame) else pd.Series(dtype=float)
    return step_levers(
        list(table["step_name"]), list(table["accounts"]), entering=entering, points=points, mrr_minor=minor[minor > 0].to_numpy()
    )


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
    whole = [m for m in study.all_months if study.whole(m)][-_LAST_MONTHS:]
    entering = float(opened.reindex(whole, fill_value=0).mean())
    moved = min(points / 100, 1 - share) * entering
    brought = [moved * found[c] for found in (paying, amount) for c in ("adjusted", "low", "high")]
    row = [label, "driver", share, min(share + points / 100, 1.0), entering, *brought, paying["n"]]
    return pd.DataFrame([row], columns=COLUMNS)
