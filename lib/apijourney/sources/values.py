"""How does a value of the source become a value of a canonical column?

Each function takes a source column and gives the typed one, null where a value cannot be read; the
gate compares the two. Nothing is guessed: 11.77 is no whole number, and money passes through no
float on its way to minor units.
"""

import ibis
from ibis.expr.types import Column

from apijourney.formats import MINOR_DIGITS
from apijourney.workbook_tables import SERIAL

_NO_ID = [w for word in ("nan", "null", "none", "undefined") for w in (word, word.upper(), word.title())] + ["NaN"]
TOLD_APART = " (touchpoint)"
_UNUSUAL = {
    digits: [code for code, of in MINOR_DIGITS.items() if of == digits]
    for digits in sorted(set(MINOR_DIGITS.values()) - {2})
}


@ibis.udf.scalar.builtin(name="try_strptime")
def _try_strptime(text: str, format: str) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """Read a timestamp written in a given format; null where it is not."""


@ibis.udf.scalar.builtin(name="timezone")
def _of_zone(zone: str, clock: ibis.dtype("timestamp")) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]
    """The instant at which a clock of a zone showed a time."""


@ibis.udf.scalar.builtin(name="make_timestamp")
def _of_micros(micros: int) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]
    """The instant so many microseconds after 1970 began."""


@ibis.udf.scalar.builtin(name="json_extract_string")
def _json_text(document: str, path: str) -> str:
    """One value of a JSON document as text."""


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


def no_event_of_ours(text: Column, ours: tuple[str, ...]) -> Column:
    """A touchpoint's name, told apart from the events the workbook makes of the rows of other tables."""
    return text.isin(ours).ifelse(text.concat(TOLD_APART), text)


def known_id(text: Column, *, typed_by_hand: bool = False) -> Column:
    """An id as text; what programs write for "there is none" is no id, and no account called "nan".

    typed_by_hand : it comes from a file of text. Blanks around it are none of it then, and 12.0 is the 12 that a
        program has kept as a float. Few ids are so, and only those are looked at closely: the test is a cheap one.
    """
    if typed_by_hand:
        suspect = (text != text.strip()) | text.endswith(".0")
        text = suspect.ifelse(text.re_extract(r"^\s*(\d+)\.0\s*$", 1).nullif("").coalesce(text.strip()), text)
    return text.isin(_NO_ID).ifelse(ibis.null("string"), text)


def inside(nested: Column, path: str) -> Column:
    """A value inside a nested one, as text: of {"id": 7} the path "id" gives "7"."""
    keys = "".join(f'."{key}"' for key in path.split("."))
    return _json_text(as_text(nested), f"${keys}")


def one_of(text: Column, choices: tuple[str, ...]) -> Column:
    """Read one of the words that are allowed, however it is capitalised; null where it is another."""
    word = text.strip().upper() if choices[0].isupper() else text.strip().lower()
    return word.isin(choices).ifelse(word, ibis.null("string"))


def typed(source: Column, kind: str, format: str = "", zone: str = "") -> Column:
    """Read a column as string, integer, number, decimal (its text), instant (naive UTC), date, month or boolean.

    format : how an instant, a date or a month is written, such as "%Y%m%d", or one of `SERIAL`.
    zone : in which zone an instant is that says none; empty = UTC.
    """
    if format:
        moment = _serial(source, format) if format in SERIAL else _try_strptime(as_text(source), format).cast("timestamp")
        if kind in _DATED:
            return _DATED[kind](moment)
        return moment if format.startswith("unix") or "%z" in format.lower() else _from_zone(moment, zone)
    return _instant(source, zone) if kind == "instant" else _READ[kind](source)


def plain_number(source: Column, decimal: str) -> Column:
    """Write numbers with thousands set apart as plain ones: "1.234,56" as "1234.56"; null where it is none.

    decimal : the sign before the decimals, a point or a comma.

    >>> ibis.options.interactive = False
    >>> ibis.duckdb.connect().execute(plain_number(ibis.literal("-1.234,50"), ","))
    '-1234.50'
    """
    text, thousands = as_text(source).strip().replace("\u00a0", " "), {".": ",", ",": "."}[decimal]
    fits = text.re_search(rf"^[-+]?(\d+|\d{{1,3}}([{thousands}' ]\d{{3}})+)([{decimal}]\d+)?$")
    plain = text.re_replace(rf"[{thousands}' ]", "").replace(decimal, ".")
    return fits.ifelse(plain, ibis.null("string"))


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


def _instant(source: Column, zone: str = "") -> Column:
    kind = source.type()
    if kind.is_date() or (kind.is_timestamp() and kind.timezone is None):
        return _from_zone(source.cast("timestamp"), zone)
    text = None if kind.is_timestamp() else _with_digits(as_text(source))
    moment = (source if text is None else text).try_cast("timestamp('UTC')").cast("timestamp")
    if text is None or not zone:
        return moment
    return text.re_search(_SAYS_ZONE).fill_null(False).ifelse(moment, _from_zone(moment, zone))


_SAYS_ZONE = r"\d:\d\d.*?([zZ]|[+-]\d{1,2}(:?\d\d)?|[A-Za-z]{3,}[\w/+-]*)\s*$"


def _from_zone(clock: Column, zone: str) -> Column:
    """What a clock of a zone showed, as UTC. An hour that is shown twice is the later one."""
    return _of_zone(zone, clock).cast("timestamp") if zone else clock


def _serial(source: Column, format: str) -> Column:
    """An instant written as a number. A spreadsheet counts days from 30 December 1899, as a clock on the wall shows."""
    micros = {"unix": 1e6, "unix_ms": 1e3, "excel": 86_400e6}[format]
    since = -25_569 * 86_400_000_000 if format == "excel" else 0
    number = _number(source) * micros
    number = (number.abs() < _FAR).ifelse(number, ibis.null("float64"))
    return _of_micros(number.round().cast("int64") + since)


_FAR = 8_000 * 366 * 86_400_000_000  # beyond it no calendar of the engine goes


def _date(source: Column) -> Column:
    return (source if source.type().is_temporal() else _with_digits(as_text(source))).try_cast("date")


def _with_digits(text: Column) -> Column:
    """A time that is only a word ("infinity", "epoch") is none, though the engine knows some of them."""
    return text.re_search("[0-9]").ifelse(text, ibis.null("string"))


def _month(source: Column) -> Column:
    """2026-10, or any day of it."""
    month = as_text(source).re_extract(r"^\s*(\d{4}-(0[1-9]|1[0-2]))(-\d\d.*)?\s*$", 1)
    return month.nullif("")


def _decimal(source: Column) -> Column:
    """A decimal number as the text it is, so that no digit is lost."""
    text = as_text(source).strip()
    return _number(text).notnull().ifelse(text, ibis.null("string"))


_DATED = {"date": lambda moment: moment.date(), "month": lambda moment: moment.strftime("%Y-%m")}
_READ = {
    "string": lambda source: as_text(source).nullif(""),
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "date": _date,
    "month": _month,
    "boolean": lambda source: as_text(source).try_cast("boolean"),
}
