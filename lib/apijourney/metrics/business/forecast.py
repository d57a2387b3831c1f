"""Where do revenue and use go in the next three months, if they go on as they did?

Unit: a month of the whole company. An exponential smoothing with a damped trend must first beat the plain guess
"as last month" (or "as in that month of last year") on the past; where it does not, the plain guess is used. It knows
no plans: a price change, a large customer that signs, an outage are not in it.
"""

import warnings

import numpy as np
import pandas as pd
from scipy.stats import t as student

from apijourney.errors import WorkbookError
from apijourney.facts.money.months import month_names, month_numbers
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.business.serving import use_of_endpoints

AHEAD, LEAST_MONTHS, FIRST_ORIGIN, SEASON = 3, 12, 10, 12
LEVELS = (80, 95)


def forecast(series: pd.DataFrame, *, ahead: int = AHEAD) -> pd.DataFrame:
    """Forecast a monthly series, by the method that did better on its own past.

    Parameters
    ----------
    series : month ("2026-10", consecutive), value. ahead : how many months.

    Returns
    -------
    One row a month ahead: month, value, low80, high80, low95, high95, method ("smoothing", "as last month" or "as a year
    ago"), skill (1 − mean absolute error of the smoothing / that of the plain guess over all origins; above 0 the smoothing
    is better, and only then used), errors (forecasts judged). All NaN with method "not known" where there are fewer than
    twelve months: then even the width of an interval would be a guess. Nothing that cannot be negative is forecast below 0.

    The backtest: each month after the tenth is an origin; what was known by then is forecast up to three months
    ahead and compared with what came. The plain guess is as a year ago where there are two years, else as last month. The
    smoothing is ETS(A, Ad, N). Its intervals are those of the model; those of the plain guess take the spread of monthly
    changes, growing with the square root of the distance, by Student's t.

    Source: Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, chapters 5 and 8.
    """
    numbers = month_numbers(series["month"])
    if len(numbers) and (np.diff(numbers) != 1).any():
        raise WorkbookError("forecast(series): months must follow each other without a gap; give each month a row.")
    y = series["value"].to_numpy(float)
    months = month_names(np.arange(1, ahead + 1) + (numbers[-1] if len(numbers) else 0))
    bounds = [f"{side}{level}" for level in LEVELS for side in ("low", "high")]
    if len(y) < LEAST_MONTHS or np.isnan(y).any() or np.ptp(y) == 0:
        table = pd.DataFrame({"month": months, "value": np.nan} | dict.fromkeys(bounds, np.nan))
        return table.assign(method="not known", skill=np.nan, errors=0)
    seasonal = len(y) >= 2 * SEASON
    plain, skill, errors = ("as a year ago" if seasonal else "as last month"), *_skill(y, ahead, seasonal)
    smoothing = skill > 0
    value, spans = _smoothed(y, ahead, levels=LEVELS) if smoothing else _plain(y, ahead, seasonal)
    table = pd.DataFrame({"month": months, "value": value})
    for level, (low, high) in zip(LEVELS, spans, strict=True):
        table[f"low{level}"], table[f"high{level}"] = low, high
    if (y >= 0).all():
        table[["value", *bounds]] = table[["value", *bounds]].clip(lower=0)
    return table.assign(method="smoothing" if smoothing else plain, skill=skill, errors=errors)


def _skill(y: np.ndarray, ahead: int, seasonal: bool) -> tuple[float, int]:
    ours, theirs = [], []
    for origin in range(FIRST_ORIGIN if not seasonal else SEASON + FIRST_ORIGIN, len(y)):
        came = y[origin : origin + ahead]
        ours += list(np.abs(_smoothed(y[:origin], len(came))[0] - came))
        theirs += list(np.abs(_plain(y[:origin], len(came), seasonal)[0] - came))
    worst = np.mean(theirs)
    return (float(1 - np.mean(ours) / worst) if worst > 0 else 0.0), len(ours)


def _smoothed(y: np.ndarray, ahead: int, levels: tuple[int, ...] = ()):
    """Point forecasts, and the bounds of each level. Holt finds the parameters fast; ETS knows the width."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from statsmodels.tsa.holtwinters import Holt

    scale = np.abs(y).mean() or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short series may stop at the border of a parameter; the backtest judges it
        fit = Holt(y / scale, damped_trend=True, initialization_method="heuristic").fit(method="SLSQP", use_brute=False)
        value = np.asarray(fit.forecast(ahead), float) * scale
        if not levels:
            return value, []
        level, trend, damping = (fit.params[p] for p in ("smoothing_level", "smoothing_trend", "damping_trend"))
        model = ETSModel(pd.Series(y / scale), error="add", trend="add", damped_trend=True, initialization_method="heuristic")
        found = model.smooth([level, level * trend, damping]).get_prediction(start=len(y), end=len(y) + ahead - 1)
        spans = [np.asarray(found.pred_int(alpha=1 - one / 100), float) * scale for one in levels]
    # Centred on the point forecast, which differs from that of the model in the last digits only.
    return value, [(value - (s[:, 1] - s[:, 0]) / 2, value + (s[:, 1] - s[:, 0]) / 2) for s in spans]


def _plain(y: np.ndarray, ahead: int, seasonal: bool):
    lag = SEASON if seasonal else 1
    value = np.array([y[len(y) - lag + h % lag] for h in range(ahead)])
    changes = y[lag:] - y[:-lag]
    spread = np.sqrt(np.mean(changes**2)) if len(changes) else np.nan
    steps = np.sqrt(np.arange(ahead) // lag + 1)
    spans = []
    for level in LEVELS:
        half = student.ppf(0.5 + level / 200, len(changes)) * spread * steps
        spans.append((value - half, value + half))
    return value, spans


@remembered
def mrr_series(study) -> pd.DataFrame | NotMeasurable:
    """MRR of each observed month that is known: month, value (minor units)."""
    return _mrr_series(recurring_lines(study), study)


@passes_on
def _mrr_series(lines: pd.DataFrame, study) -> pd.DataFrame:
    months = [m for m in study.all_months if study.whole(m)]
    sums = lines.groupby("month")["mrr_minor"].sum().reindex(months, fill_value=0).rename("value")
    table = billed(study, sums.rename_axis("month").reset_index())
    return table.loc[table["mature"], ["month", "value"]].reset_index(drop=True)


@remembered
def calls_series(study) -> pd.DataFrame | NotMeasurable:
    """Successful production calls a day of each whole month observed: month, value (calls a day)."""
    if study.lacks("requests"):
        return NotMeasurable("Forecast of use", 'the table "requests" is not there; add it.')
    months = [m for m in study.all_months if study.whole(m)]
    calls = use_of_endpoints(study).groupby("month")["billable"].sum().reindex(months, fill_value=0)
    days = pd.PeriodIndex(months, freq="M").days_in_month
    return pd.DataFrame({"month": months, "value": calls.to_numpy(float) / days})


@remembered
def mrr_forecast(study) -> pd.DataFrame | NotMeasurable:
    """The table of `forecast` for MRR (minor units)."""
    return _ahead(mrr_series(study))


@remembered
def calls_forecast(study) -> pd.DataFrame | NotMeasurable:
    """The table of `forecast` for successful production calls a day."""
    return _ahead(calls_series(study))


@passes_on
def _ahead(series: pd.DataFrame) -> pd.DataFrame:
    return forecast(series)
