"""How a number is written for a reader: shares in per cent, money in its currency, n beside it.

One place for all figures, sentences and tables, so that the same number looks the same everywhere.
Numbers themselves stay raw until here.
"""

import math

import pandas as pd

NOT_YET = "not yet known"

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


def number(value, digits: int = 0) -> str:
    """Write a count or a measure with thousands separated.

    >>> number(1234567), number(0.126, 2), number(float("nan"))
    ('1,234,567', '0.13', 'not yet known')
    """
    if is_missing(value):
        return NOT_YET
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


def percent(share, digits: int | None = None) -> str:
    """Write a share as per cent, with the digits it needs near 0 and 1.

    >>> percent(0.4321), percent(0.9994), percent(1.0), percent(None)
    ('43 %', '99.94 %', '100 %', 'not yet known')
    """
    if is_missing(share) or math.isinf(share):
        return number(share)
    if digits is None and not 0 <= share <= 1:
        digits = 0
    if digits is None:
        edge = min(abs(share), abs(1 - share))
        digits = 0 if edge >= 0.1 or edge == 0 else 1 if edge >= 0.005 else 2
    return f"{100 * share:,.{digits}f} %"


def points(difference) -> str:
    """Write a difference of two shares in percentage points, with its sign and the digits it needs near 0.

    >>> points(0.0512), points(-0.00042), points(0.0), points(float("nan"))
    ('+5.1 points', '-0.04 points', '0 points', 'not yet known')
    """
    if is_missing(difference):
        return NOT_YET
    digits = 1 if abs(difference) >= 0.001 else 2
    return f"{100 * difference:+,.{digits}f} points" if abs(difference) >= 0.00005 else "0 points"


def money(minor, currency: str, *, exact: bool = False) -> str:
    """Write minor units as money, without cents from 1,000 on or where there are none; exact: to the last cent.

    A currency that ISO 4217 does not name is taken to have two digits after the point.

    >>> money(1234567, "EUR"), money(1250, "EUR"), money(-5, "EUR"), money(0, "EUR")
    ('EUR 12,346', 'EUR 12.50', 'EUR -0.05', 'EUR 0')
    >>> money(1234567, "EUR", exact=True), money(500, "JPY")
    ('EUR 12,345.67', 'JPY 500')
    """
    if is_missing(minor):
        return NOT_YET
    digits = MINOR_DIGITS.get(currency, 2)
    whole = minor / 10**digits
    if not exact and (abs(whole) >= 1000 or whole == round(whole)):
        digits = 0
    return f"{currency} {whole:,.{digits}f}"


def measured(value, unit: str, currency: str = "") -> str:
    """Write a value of the catalogue in its unit.

    >>> measured(0.5, "share"), measured(312.4, "ms"), measured(2.26, "days"), measured(1.5, "ratio")
    ('50 %', '312 ms', '2.3 days', '1.50')
    """
    if is_missing(value):
        return NOT_YET
    if unit == "share":
        return percent(value)
    if unit == "money":
        return money(value, currency)
    if unit == "ms":
        return f"{value:,.0f} ms"
    if unit == "days":
        return f"{value:,.1f} days"
    if unit == "seconds":
        return f"{value:,.0f} s"
    if unit == "minutes":
        return f"{value:,.0f} min"
    if unit.startswith("per "):
        return f"{value:,.2f}"
    if unit == "ratio":
        return number(value, 2)
    return number(value, 0 if float(value).is_integer() else 1)


def tick(value, unit: str, currency: str = "") -> str:
    """Write a value beside an axis: as `measured`, with no more digits than it has.

    >>> tick(0.06, "share"), tick(0.995, "share"), tick(400, "ms")
    ('6 %', '99.5 %', '400 ms')
    """
    return f"{100 * value:.6g} %" if unit == "share" else measured(value, unit, currency)


def interval(low, high, unit: str, currency: str = "") -> str:
    """Write a 95 % interval in its unit; empty where there is none.

    >>> interval(0.41, 0.49, "share"), interval(float("nan"), float("nan"), "share")
    ('41 % to 49 %', '')
    """
    if is_missing(low) or is_missing(high):
        return ""
    return f"{measured(low, unit, currency)} to {measured(high, unit, currency)}"


def chance(p) -> str:
    """Write a p or q value in a table; empty where nothing was compared.

    >>> chance(0.0312), chance(0.00001), chance(float("nan"))
    ('0.031', '< 0.001', '')
    """
    return "" if is_missing(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


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


def counted(n, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "release"), counted(2000, "release")
    ('1 release', '2,000 releases')
    """
    return f"{number(n)} {what}" if n == 1 else f"{number(n)} {what}s"


def month_name(month: str) -> str:
    """Write "2026-10" as a person would.

    >>> month_name("2026-10")
    'October 2026'
    """
    return pd.Period(month, "M").strftime("%B %Y")
