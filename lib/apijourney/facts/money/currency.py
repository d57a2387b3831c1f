"""What is a line worth in the currency of the report?

Unit: a line of money. Each line is converted alone, at the rate of its own day, and rounded once;
sums are made of rounded lines, so they can be checked by hand. It does not correct for inflation,
and it does not say what was paid: rates are those of the table, not of the bank.
"""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation, localcontext

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.formats import MINOR_DIGITS
from apijourney.facts.money.lines import whole_minor
from apijourney.facts.money.months import local_dates
from apijourney.columns import required



def to_reporting_currency(
    lines: pd.DataFrame, fx_rates: pd.DataFrame | None, *, currency: str, timezone: str = "UTC"
) -> pd.DataFrame:
    """Convert every line into the reporting currency.

    Parameters
    ----------
    lines : one row a line: issued_at (UTC instant, or a date), amount_minor (whole minor units),
        currency (ISO 4217 code).
    fx_rates : date, currency, rate = units of the reporting currency for one unit. Needed for the
        days and currencies of foreign lines only; None when there are none.
    currency : the reporting currency.
    timezone : the zone whose day of issue picks the rate.

    Returns
    -------
    The same rows with `reporting_minor` (int64) added: amount × rate in exact decimal arithmetic,
    rounded half to even to the minor unit of the reporting currency.

    Raises
    ------
    WorkbookError : an unknown currency, a missing, doubled or unusable rate.

    Source of the minor digits: ISO 4217, list one (JPY 0, KWD 3, most 2).

    >>> lines = pd.DataFrame({"issued_at": pd.to_datetime(["2026-10-01"]), "amount_minor": [1050],
    ...                       "currency": ["USD"]})
    >>> rates = pd.DataFrame({"date": ["2026-10-01"], "currency": ["USD"], "rate": ["0.90"]})
    >>> to_reporting_currency(lines, rates, currency="EUR")["reporting_minor"].tolist()
    [945]
    """
    where = "to_reporting_currency(lines)"
    required(lines, ["issued_at", "amount_minor", "currency"], where=where)
    target = _digits(currency, "currency=…")
    minor = whole_minor(lines["amount_minor"], where=where).copy()
    codes = lines["currency"].astype(object).to_numpy()
    digits = {code: _digits(code, where) for code in pd.unique(lines["currency"].astype(object))}
    foreign = np.flatnonzero(codes != currency)
    if len(foreign):
        days = local_dates(lines["issued_at"], timezone, instants=True)
        rates = _rates(fx_rates)
        missing = set(zip(codes[foreign], days[foreign], strict=True)) - set(rates)
        if missing:
            raise no_rates(missing, currency, label="fx_rates")
        with localcontext() as context:
            context.prec = 60
            for i in foreign:
                factor = rates[codes[i], days[i]].scaleb(target - digits[codes[i]])
                exact = Decimal(int(minor[i])) * factor
                minor[i] = int(exact.to_integral_value(ROUND_HALF_EVEN))
    return lines.assign(reporting_minor=minor)


def _digits(code: object, where: str) -> int:
    if code not in MINOR_DIGITS:
        raise WorkbookError(
            f'{where}: "{code}" is not a currency of ISO 4217; write three capital letters, such as EUR.'
        )
    return MINOR_DIGITS[code]


def _rates(fx_rates: pd.DataFrame | None, label: str = "fx_rates") -> dict[tuple[str, np.datetime64], Decimal]:
    if fx_rates is None:
        return {}
    required(fx_rates, ["date", "currency", "rate"], where=label)
    days = local_dates(fx_rates["date"], "UTC", instants=False)
    rates: dict[tuple[str, np.datetime64], Decimal] = {}
    for code, day, written in zip(fx_rates["currency"], days, fx_rates["rate"], strict=True):
        try:
            rate = Decimal(str(written))  # the shortest text of a float is the rate as written
        except InvalidOperation:
            rate = Decimal("NaN")
        if not (rate.is_finite() and rate > 0):
            raise WorkbookError(
                f"{label}: {code} on {day} has the rate {written}; a rate is a positive number."
            )
        if rates.setdefault((code, day), rate) != rate:
            raise WorkbookError(
                f"{label}: {code} on {day} has two rates, {rates[code, day]} and {rate}; keep one."
            )
    return rates


def missing_rates(
    lines: pd.DataFrame, fx_rates: pd.DataFrame | None, *, currency: str, timezone: str = "UTC", label: str = "fx_rates"
) -> set[tuple[str, np.datetime64]]:
    """Which currency lacks its rate on which day? Lines and arguments as of `to_reporting_currency`.

    label : the file of the rates, for an error about one that is there and cannot be used.
    """
    foreign = lines[(lines["currency"] != currency).to_numpy()]
    if foreign.empty:
        return set()
    days = local_dates(foreign["issued_at"], timezone, instants=True)
    return set(zip(foreign["currency"], days, strict=True)) - set(_rates(fx_rates, label))


def no_rates(
    missing: set[tuple[str, np.datetime64]], currency: str, *, label: str = "", needed_by: str = ""
) -> WorkbookError:
    """Build the error for rates that are not there: every currency and month of them, and a line to add.

    missing : as of `missing_rates`. label : the file of the rates; empty where there is none.
    needed_by : the files whose lines ask for them.
    """
    code, day = min(missing)
    parts = []
    for one in sorted({c for c, _ in missing}):
        days = {d for c, d in missing if c == one}
        months = _listed(sorted({str(d)[:7] for d in days}))
        parts.append(f"{one} on {len(days)} {'day' if len(days) == 1 else 'days'} of {months}")
    what = f"{label}: rates into {currency} are missing" if label else f"fx_rates: there is no table of rates into {currency}"
    needed = f" (needed by {needed_by})" if needed_by else ""
    add = "add a line for each" if label else 'add fx_rates.csv with the first line "date,currency,rate" and a line for each'
    return WorkbookError(
        f"{what}: {'; '.join(parts)}{needed}; {add}, such as "
        f'"{day},{code},1.25" where one {code} was worth 1.25 {currency} that day.'
    )


def _listed(months: list[str]) -> str:
    """Name months, those that follow each other by the first and the last.

    >>> _listed(["2026-01", "2026-02", "2026-03", "2026-05"])
    '2026-01 to 2026-03, 2026-05'
    """
    runs: list[list[str]] = []
    for month in months:
        if runs and np.datetime64(month, "M") - np.datetime64(runs[-1][-1], "M") == 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
