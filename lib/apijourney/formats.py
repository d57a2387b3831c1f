"""How a number is written for a reader: shares in per cent, money in its currency, n beside it.

One place for all figures, sentences and tables, so that the same number looks the same everywhere.
Numbers themselves stay raw until here.
"""

import math
from collections.abc import Callable
from functools import partial

import pandas as pd

# Why there is no number; each of these is another answer.
NOT_YET = "not yet known"  # its window is still open, or its data have not come
TOO_FEW = "too few"  # there is something, but not enough to say it
CANNOT_LOOK_BACK = "cannot look back"  # it needs a time before the data begin; waiting for this month does not help
NOT_REACHED = "not reached"  # fewer than that share have got there so far
NOBODY, NOTHING = "nobody", "nothing to measure"  # there was nobody, or nothing, to measure it on
UNKNOWN = "not known"  # none of these can be told

# How many digits a currency has after the point. Source: ISO 4217, list one.
_TWO_DIGITS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR
SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU
UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_OTHERS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_DIGITS = {code: 2 for code in _TWO_DIGITS.split()} | {
    code: digits for digits, codes in _OTHERS.items() for code in codes.split()
}


def is_missing(value) -> bool:
    """Is there no number? (None, NaN, NaT or NA)"""
    return value is None or bool(pd.isna(value))


def reasons(table: pd.DataFrame) -> list[str]:
    """Say for each month of a metric why it has no value; empty where it has one.

    table : month, value, mature and perhaps denominator, as `measure` returns it. A window can only be open
        at the end; a month that is open before a known one lacks the time before it.

    >>> table = pd.DataFrame({"value": [None, 0.5, None, None], "mature": [False, True, True, False],
    ...                       "denominator": [None, 8, 0, None]})
    >>> reasons(table)
    ['cannot look back', '', 'nothing to measure', 'not yet known']
    """
    known = [not is_missing(v) for v in table["value"]]
    last = max((i for i, k in enumerate(known) if k), default=-1)
    words = []
    for i, row in enumerate(table.to_dict("records")):
        if known[i]:
            words.append("")
        elif not is_missing(row["mature"]) and not row["mature"]:
            words.append(CANNOT_LOOK_BACK if i < last else NOT_YET)
        elif is_missing(row.get("denominator")):
            words.append(UNKNOWN)
        else:
            words.append(TOO_FEW if row["denominator"] > 0 else NOTHING)
    return words


def number(value, digits: int = 0, *, missing: str = NOT_YET) -> str:
    """Write a count or a measure with thousands separated; `missing` where there is none.

    >>> number(1234567), number(0.126, 2), number(float("nan"))
    ('1,234,567', '0.13', 'not yet known')
    """
    if is_missing(value):
        return missing
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:,.{digits}f}"


def factor(value) -> str:
    """Write how many times as much; nothing where there was nothing to compare with.

    >>> factor(1.5), factor(float("nan"))
    ('1.50', '')
    """
    return "" if is_missing(value) else number(value, 2)


def accounts(value) -> str:
    """Write a mean number of accounts, to the hundredth and never as -0.00.

    >>> accounts(0.4567), accounts(-0.001), accounts(12)
    ('0.46', '0.00', '12.00')
    """
    return number(value, 2).replace("-0.00", "0.00")


def percent(share, digits: int | None = None, *, missing: str = NOT_YET) -> str:
    """Write a share as per cent, with the digits it needs near 0 and 1.

    >>> percent(0.4321), percent(0.9994), percent(1.0), percent(-0.006), percent(None)
    ('43 %', '99.94 %', '100 %', '-0.6 %', 'not yet known')
    """
    if is_missing(share) or math.isinf(share):
        return number(share, missing=missing)
    digits = _percent_digits(share) if digits is None else digits
    return f"{100 * share:,.{digits}f} %"


def _percent_digits(share) -> int:
    if is_missing(share) or not -0.1 < share <= 1:
        return 0
    edge = min(abs(share), abs(1 - share))
    return 0 if edge >= 0.1 or edge == 0 else 1 if edge >= 0.005 else 2


def points(difference) -> str:
    """Write a difference of two shares in percentage points, with its sign and the digits it needs near 0.

    >>> points(0.0512), points(-0.00042), points(0.0), points(float("nan"))
    ('+5.1 points', '-0.04 points', '0 points', 'not yet known')
    """
    if is_missing(difference):
        return NOT_YET
    digits = 1 if abs(difference) >= 0.001 else 2
    return f"{100 * difference:+,.{digits}f} points" if abs(difference) >= 0.00005 else "0 points"


def money(minor, currency: str, *, exact: bool = False, whole: bool = False, missing: str = NOT_YET) -> str:
    """Write minor units as money, without cents from 1,000 on or where there are none.

    exact : to the last cent; whole : never with cents, for amounts that stand beside each other.

    A currency that ISO 4217 does not name is taken to have two digits after the point.

    >>> money(1234567, "EUR"), money(1250, "EUR"), money(-5, "EUR"), money(0, "EUR")
    ('EUR 12,346', 'EUR 12.50', 'EUR -0.05', 'EUR 0')
    >>> money(1234567, "EUR", exact=True), money(500, "JPY")
    ('EUR 12,345.67', 'JPY 500')
    """
    if is_missing(minor):
        return missing
    digits = MINOR_DIGITS.get(currency, 2)
    amount = minor / 10**digits
    if not exact and (whole or abs(amount) >= 1000 or amount == round(amount)):
        digits = 0
    return f"{currency} {amount:,.{digits}f}"


def money_alike(amounts, currency: str) -> Callable:
    """Return what writes these amounts of money with one precision: cents only where all are below 1,000.

    >>> write = money_alike([1188100, 40636], "EUR")
    >>> write(1188100), write(40636), money_alike([40636, 1552], "EUR")(1552)
    ('EUR 11,881', 'EUR 406', 'EUR 15.52')
    """
    known = [a / 10 ** MINOR_DIGITS.get(currency, 2) for a in amounts if not is_missing(a)]
    whole = any(abs(a) >= 1000 for a in known) or all(a == round(a) for a in known)
    return partial(money, currency=currency, exact=not whole, whole=whole)


def q_value(q) -> str:
    """Write a q value, to the thousandth; empty where nothing was tested.

    >>> q_value(0.2934), q_value(1), q_value(0.00001), q_value(float("nan"))
    ('0.293', '1.000', '< 0.001', '')
    """
    return "" if is_missing(q) else "< 0.001" if q < 0.001 else f"{q:.3f}"


def measured(value, unit: str, currency: str = "", *, missing: str = NOT_YET) -> str:
    """Write a value of the catalogue in its unit. What is not zero is not written as zero.

    >>> measured(0.5, "share"), measured(312.4, "ms"), measured(2.26, "days"), measured(1.5, "ratio")
    ('50 %', '312 ms', '2.3 days', '1.50')
    >>> measured(0.00169, "count"), measured(0.2, "minutes"), measured(0.0, "minutes")
    ('0.0017', '0.2 min', '0 min')
    """
    if is_missing(value):
        return missing
    if unit == "share":
        return percent(value)
    if unit == "money":
        return money(value, currency)
    digits, after = _DIGITS_AND_WORD.get(unit, (2 if unit.startswith("per ") else 0 if float(value).is_integer() else 1, ""))
    return number(value, max(digits, _first_digit(value, digits))) + after


_DIGITS_AND_WORD = {
    "ms": (0, " ms"), "days": (1, " days"), "seconds": (0, " s"), "minutes": (0, " min"), "months": (1, " months"), "ratio": (2, ""),
}  # fmt: skip


def _first_digit(value, digits: int) -> int:
    """How many digits after the point show that a number that would be written as 0 is none: two that say something."""
    if value == 0 or math.isinf(value) or abs(value) >= 0.5 * 10**-digits:
        return 0
    return len(f"{float(f'{abs(value):.2g}'):.12f}".rstrip("0").split(".")[1])


def tick(value, unit: str, currency: str = "") -> str:
    """Write a value beside an axis: as `measured`, with no more digits than it has.

    >>> tick(0.06, "share"), tick(0.995, "share"), tick(400, "ms")
    ('6 %', '99.5 %', '400 ms')
    """
    return f"{100 * value:.6g} %" if unit == "share" else measured(value, unit, currency)


def interval(low, high, unit: str, currency: str = "") -> str:
    """Write a 95 % interval in its unit, both bounds with one precision (0 and 100 % are exact); empty where there is none.

    >>> interval(0.41, 0.49, "share"), interval(0.88, 0.942, "share"), interval(float("nan"), float("nan"), "share")
    ('41 % to 49 %', '88.0 % to 94.2 %', '')
    >>> interval(-0.0699, 0.0011, "share")
    '-7.0 % to 0.1 %'
    """
    if is_missing(low) or is_missing(high):
        return ""
    if unit == "share" and not (math.isinf(low) or math.isinf(high)):
        digits = max(_percent_digits(low), _percent_digits(high))
        digits = min(digits, 1) if low < 0 else digits  # a change, not a share: no precision is needed near 0
        low, high = (percent(v, 0 if v in (0, 1) else digits) for v in (low, high))
        return f"{low} to {high}"
    if unit == "money":
        write = money_alike([low, high], currency)
        return f"{write(low)} to {write(high)}"
    return f"{measured(low, unit, currency)} to {measured(high, unit, currency)}"


def gap(difference) -> str:
    """Write a difference of two shares in a table, as `points`; empty where nothing was compared.

    >>> gap(0.0512), gap(float("nan"))
    ('+5.1 points', '')
    """
    return "" if is_missing(difference) else points(difference)


def days(value) -> str:
    """Write the days until half of some accounts are there, in a table.

    >>> days(15.06), days(float("nan"))
    ('15.1', 'not reached')
    """
    return "not reached" if is_missing(value) else number(value, 1)


def counted(n, what: str, plural: str = "") -> str:
    """Write a number of things.

    >>> counted(1, "release"), counted(2000, "release"), counted(2, "query", "queries")
    ('1 release', '2,000 releases', '2 queries')
    """
    return f"{number(n)} {what if n == 1 else plural or what + 's'}"


def month_name(month: str) -> str:
    """Write "2026-10" as a person would.

    >>> month_name("2026-10")
    'October 2026'
    """
    return pd.Period(month, "M").strftime("%B %Y")
