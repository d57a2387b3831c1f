"""Values side by side, in one precision: so written that a reader sees the change there is, and no other.

Unit: two values of one metric. Written one by one, 0.9649 and 0.9651 would look like 0.96 and 0.97, and 0.0011
and 0.0009 like no change at all. Digits are added until the difference shown is about the difference there is.
"""

import math

from apijourney.formats import MINOR_DIGITS, is_missing, measured

_CLOSE, _CLOSE_PERCENT = 0.25, 0.05
"""By which part of itself a difference may look another one; whole per cents are coarse, so there it is less."""
_MOST_DIGITS = 4
_FIRST_DIGITS = {"ms": 0, "days": 1, "minutes": 0, "months": 1, "ratio": 2}
_SUFFIX = {"share": " %", "ms": " ms", "days": " days", "minutes": " min", "months": " months"}


def alike(was: float, now: float, unit: str, currency: str = "") -> tuple[str, str, str]:
    """Write two values of a metric and the change between them, all with the same digits.

    Returns (was, now, change); the change is that of the values as shown, with its sign, and in points for shares and scores. Where either is not
    known or infinite, both are written as `measured` does and the change is empty. More than four digits after
    the point are never shown, of money no more than its currency has.

    >>> alike(0.8756, 0.9417, "share")
    ('87.6 %', '94.2 %', '+6.6 points')
    >>> alike(0.9649, 0.9651, "ratio"), alike(0.0011, 0.0009, "per minute")
    (('0.9649', '0.9651', '+0.0002'), ('0.0011', '0.0009', '-0.0002'))
    >>> alike(97035, 294000, "money", "EUR"), alike(5, 5, "count")
    (('EUR 970', 'EUR 2,940', 'EUR +1,970'), ('5', '5', '0'))
    """
    if any(is_missing(v) or math.isinf(v) for v in (was, now)):
        return _one(was, unit, currency), _one(now, unit, currency), ""
    scale, digits = _scale(unit, currency), digits_of(was, now, unit, currency)
    a, b = round(was * scale, digits), round(now * scale, digits)
    return _written(a, digits, unit, currency), _written(b, digits, unit, currency), difference((b - a) / scale, digits, unit, currency)


def shows(was: float, now: float, unit: str, currency: str = "") -> bool:
    """Do two values differ in the digits they have by themselves, none added?

    >>> shows(329.2, 329.4, "ms"), shows(1833, 1831, "count"), shows(1000.0, 1000.4, "money", "EUR")
    (False, True, False)
    """
    a, b = was * _scale(unit, currency), now * _scale(unit, currency)
    digits = _digits(a, b, unit, MINOR_DIGITS.get(currency, 2) if unit == "money" else _MOST_DIGITS)
    return round(a, digits) != round(b, digits)


def digits_of(was: float, now: float, unit: str, currency: str = "") -> int:
    """How many digits after the point do two values need, so that their difference is seen?"""
    scale, most = _scale(unit, currency), MINOR_DIGITS.get(currency, 2) if unit == "money" else _MOST_DIGITS
    a, b = was * scale, now * scale
    digits = _digits(a, b, unit, most)
    while digits < most and _hidden(a, b, digits, _CLOSE_PERCENT if unit == "share" and digits == 0 else _CLOSE):
        digits += 1
    return digits


def difference(value: float, digits: int, unit: str, currency: str = "") -> str:
    """Write a difference with its sign: in points for shares, else in the unit; 0 is never -0.00.

    >>> difference(-0.001, 2, "ratio"), difference(12.4, 0, "ms"), difference(-1881, 2, "money", "EUR")
    ('0', '+12 ms', 'EUR -18.81')
    """
    text = _number(value * _scale(unit, currency), digits, signed=True)
    if unit == "money":
        return f"{currency} {text}"
    return text + (" points" if unit in ("share", "points") else _SUFFIX.get(unit, ""))


def _scale(unit: str, currency: str) -> float:
    return 100 if unit == "share" else 10.0 ** -MINOR_DIGITS.get(currency, 2) if unit == "money" else 1


def _one(value: float, unit: str, currency: str) -> str:
    infinite = not is_missing(value) and math.isinf(value)
    return ("∞" if value > 0 else "-∞") if infinite else measured(value, unit, currency)


def _digits(a: float, b: float, unit: str, most: int) -> int:
    """How many digits the values need, seen one by one."""
    if unit == "share":
        edge = min(min(abs(v), abs(100 - v)) for v in (a, b))
        return 0 if edge >= 10 or edge == 0 else 1 if edge >= 0.5 else 2
    if unit == "money":
        whole = max(abs(a), abs(b)) >= 1000 or (a == round(a) and b == round(b))
        return 0 if whole else most
    if unit.startswith("per "):
        return 2
    return _FIRST_DIGITS.get(unit, 0 if float(a).is_integer() and float(b).is_integer() else 1)


def _hidden(a: float, b: float, digits: int, close: float) -> bool:
    """Is the difference of the values as shown far from the one there is?"""
    shown = round(b, digits) - round(a, digits)
    return abs(shown - (b - a)) > close * abs(b - a) * (1 + 1e-9)


def _number(value: float, digits: int, *, signed: bool = False) -> str:
    """A number in so many digits; nothing is 0 (of a change) or without a sign, never -0.00."""
    rounded = round(value, digits)
    if rounded == 0:
        return "0" if signed else f"{0:.{digits}f}"
    return f"{rounded:{'+' if signed else ''},.{digits}f}"


def _written(value: float, digits: int, unit: str, currency: str) -> str:
    text = _number(value, digits)
    return f"{currency} {text}" if unit == "money" else text + _SUFFIX.get(unit, "")
