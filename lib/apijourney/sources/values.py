"""How does a value of the source become a value of a canonical column?

Each function takes a source column and gives the typed one, null where a value cannot be read; the
gate compares the two. Nothing is guessed: 11.77 is no whole number, and money passes through no
float on its way to minor units.
"""

import ibis
from ibis.expr.types import Column

from apijourney.formats import MINOR_DIGITS

_NO_ID = [w for word in ("nan", "null", "none", "undefined") for w in (word, word.upper(), word.title())] + ["NaN"]
_UNUSUAL = {
    digits: [code for code, of in MINOR_DIGITS.items() if of == digits]
    for digits in sorted(set(MINOR_DIGITS.values()) - {2})
}


@ibis.udf.scalar.builtin(name="try_strptime")
def _try_strptime(text: str, format: str) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """Read a timestamp written in a given format; null where it is not."""


@ibis.udf.scalar.builtin(name="to_json")
def _to_json(value) -> ibis.dtype("json"):  # type: ignore[valid-type]
    """Write a nested value as a JSON document."""


def as_text(source: Column) -> Column:
    """Write a column as text: 12.0 as "12", as ids and codes are meant; NaN is no value."""
    if source.type().is_nested():
        return _to_json(source).cast("string")
    text = source.cast("string")
    if source.type().is_floating():
        whole = source.try_cast("int64")
        text = (source == whole).ifelse(whole.cast("string"), text)
        text = source.isnan().ifelse(ibis.null("string"), text)
    return text


def known_id(text: Column) -> Column:
    """An id as text; what programs write for "there is none" is no id, and no account called "nan"."""
    return text.isin(_NO_ID).ifelse(ibis.null("string"), text)


def one_of(text: Column, choices: tuple[str, ...]) -> Column:
    """Read one of the words that are allowed, however it is capitalised; null where it is another."""
    word = text.strip().upper() if choices[0].isupper() else text.strip().lower()
    return word.isin(choices).ifelse(word, ibis.null("string"))


def typed(source: Column, kind: str, format: str = "") -> Column:
    """Read a column as string, integer, number, instant (naive UTC), date, month or boolean.

    format : how an instant or a date is written, such as "%Y%m%d".
    """
    if format:
        moment = _try_strptime(as_text(source), format).cast("timestamp")
        return moment.date() if kind == "date" else moment
    return _READ[kind](source)


def to_minor_units(amount: Column, currency: Column) -> Column:
    """Turn 12.34 into 1234 exactly; null where it is not money or has parts of a minor unit.

    Parts below a millionth are the noise of a source that kept money as floats, and are rounded off.
    """
    exact = as_text(amount).try_cast("decimal(30, 6)")
    code = currency.upper()
    return _whole(
        ibis.cases(
            *((code.isin(codes), exact * 10**digits) for digits, codes in _UNUSUAL.items()),
            else_=exact * 100,
        )
    )


def _whole(exact: Column) -> Column:
    number = exact.try_cast("int64")
    return (exact == number).ifelse(number, ibis.null("int64"))


def _integer(source: Column) -> Column:
    if source.type().is_integer() or source.type().is_boolean():
        return source.try_cast("int64")
    return _whole(as_text(source).try_cast("decimal(30, 6)"))


def _number(source: Column) -> Column:
    number = (source if source.type().is_numeric() else as_text(source)).try_cast("float64")
    return (number.isnan() | number.isinf()).ifelse(ibis.null("float64"), number)


def _instant(source: Column) -> Column:
    kind = source.type()
    if kind.is_date() or (kind.is_timestamp() and kind.timezone is None):
        return source.cast("timestamp")
    moment = source if kind.is_timestamp() else _with_digits(as_text(source))
    return moment.try_cast("timestamp('UTC')").cast("timestamp")


def _date(source: Column) -> Column:
    return (source if source.type().is_temporal() else _with_digits(as_text(source))).try_cast("date")


def _with_digits(text: Column) -> Column:
    """A time that is only a word ("infinity", "epoch") is none, though the engine knows some of them."""
    return text.re_search("[0-9]").ifelse(text, ibis.null("string"))


def _month(source: Column) -> Column:
    """2026-10, or any day of it."""
    month = as_text(source).re_extract(r"^\s*(\d{4}-(0[1-9]|1[0-2]))(-\d\d.*)?\s*$", 1)
    return month.nullif("")


_READ = {
    "string": lambda source: as_text(source).nullif(""),
    "integer": _integer,
    "number": _number,
    "instant": _instant,
    "date": _date,
    "month": _month,
    "boolean": lambda source: as_text(source).try_cast("boolean"),
}
