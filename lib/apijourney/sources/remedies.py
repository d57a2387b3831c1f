"""Values cannot be read as what their column should hold: which setting, or which correction, would help?

Unit: a column of a table. It looks at one example and guesses from its form; it changes nothing and reads no data.
"""

import re
from difflib import get_close_matches

from apijourney.sources.contracts import Contract
from apijourney.workbook_tables import ColumnSource

_READABLE = {
    "instant": "a time", "integer": "a whole number", "boolean": "true or false", "month": "a month such as 2026-10",
    "decimal": "a decimal number",
}  # fmt: skip
_NUMBERS = ("integer", "number", "decimal")
_DAYS = [
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y",)), (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y",)),
    (r"\d{1,2}/\d{1,2}/\d{4}", ("%d/%m/%Y", "%m/%d/%Y")), (r"\d{1,2}/\d{1,2}/\d{2}", ("%d/%m/%y", "%m/%d/%y")),
    (r"\d{1,2}-\d{1,2}-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")), (r"\d{4}\.\d{1,2}\.\d{1,2}", ("%Y.%m.%d",)),
    (r"\d{4}-\d{1,2}-\d{1,2}", ("%Y-%m-%d",)), (r"\d{8}", ("%Y%m%d",)), (r"\d{1,2}-[A-Za-z]{3}-\d{4}", ("%d-%b-%Y",)),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", ("%d %b %Y",)), (r"[A-Za-z]{3} \d{1,2}, \d{4}", ("%b %d, %Y",)),
]  # fmt: skip
_MONTHS = [
    (r"\d{1,2}/\d{4}", "%m/%Y"), (r"\d{1,2}\.\d{4}", "%m.%Y"), (r"\d{4}/\d{1,2}", "%Y/%m"), (r"\d{4}-\d", "%Y-%m"), (r"\d{6}", "%Y%m"),
    (r"[A-Za-z]{3}[ -]\d{4}", "%b %Y"), (r"[A-Za-z]+ \d{4}", "%B %Y"),
]  # fmt: skip
_CLOCKS = [
    (r"", ""), (r" \d{1,2}:\d\d:\d\d", " %H:%M:%S"), (r" \d{1,2}:\d\d", " %H:%M"), (r" \d{1,2}:\d\d:\d\d [APap][Mm]", " %I:%M:%S %p"),
    (r" \d{1,2}:\d\d [APap][Mm]", " %I:%M %p"), (r"T\d\d:\d\d:\d\d", "T%H:%M:%S"), (r", \d{1,2}:\d\d", ", %H:%M"),
    (r", \d{1,2}:\d\d:\d\d", ", %H:%M:%S"),
]  # fmt: skip


def readable(contract: Contract, column: str, origin: ColumnSource) -> str:
    """What a column should hold, as a reader says it."""
    if origin.unit == "major":
        return "an amount such as 12.34"
    if column == "currency":
        return "a currency of ISO 4217"
    if column in contract.choices:
        return f"one of {', '.join(contract.choices[column])}"
    return _READABLE.get(contract.columns[column], f"a {contract.columns[column]}")


def named(column: str, origin: ColumnSource) -> str:
    """A column as it stands in the source, and the canonical one where that is called otherwise.

    >>> named("amount_minor", ColumnSource(column="Betrag")), named("rate", ColumnSource(column="rate"))
    ('column "Betrag" (for amount_minor)', 'column "rate"')
    """
    if origin.file:
        return f'what the name of the file says for "{column}"'
    if origin.value is not None or origin.column in ("", column):
        return f'column "{column}"'
    return f'column "{origin.column}" (for {column})'


def remedy(contract: Contract, column: str, origin: ColumnSource, example: str) -> str:
    """Say what to do, as the end of a sentence.

    >>> from apijourney.sources.contracts import CONTRACTS
    >>> remedy(CONTRACTS["invoices"], "issued_at", ColumnSource(column="Datum"), "31.12.2026")
    'say how it is written: tables.invoices.columns.issued_at: {column: Datum, format: "%d.%m.%Y"}.'
    """
    place, kind = f"tables.{contract.name}.columns.{column}", contract.columns[column]
    if origin.value is not None:
        return f"correct {place}.value in the workbook file."
    choices = {choice.lower(): choice for choice in contract.choices.get(column, ())}
    if meant := get_close_matches(example.strip().lower(), choices, n=1, cutoff=0.75):
        return f'did you mean "{choices[meant[0]]}"? If not, map another column under tables.{contract.name}.columns.'
    settings = _settings(column, kind, origin, example.strip())
    if settings:
        where = f"file: {_quoted(origin.file)}" if origin.file else f"column: {_quoted(origin.column)}"
        ways = [f"{{{', '.join([where, *(f'{k}: {_quoted(v)}' for k, v in one.items())])}}}" for one in settings]
        what = "say how it is written" if kind not in _NUMBERS else "say how the numbers are written"
        return f"{what}: {place}: {', or '.join(ways)}."
    if kind in _NUMBERS and re.search(r"[^\d\s.,'+-]", example) and re.search(r"\d", example):
        more = "; the currency has a column of its own" if column.endswith("_minor") else ""
        return f"leave only the number{more}, or map another column under tables.{contract.name}.columns."
    if column in contract.choices and column != "currency" or kind == "boolean":
        word = contract.choices.get(column, ("true",))[0]
        return f"say what they mean: {place}: {{column: {_quoted(origin.column)}, values: {{{_quoted(example)}: {word}}}}}."
    return f"correct them or map another column under tables.{contract.name}.columns."


def _settings(column: str, kind: str, origin: ColumnSource, example: str) -> list[dict]:
    """The settings that would read the example, most likely first."""
    if kind in _NUMBERS:
        return _of_number(column, kind, origin, example)
    if origin.format:
        return []
    if kind == "month":
        return [{"format": way} for form, way in _MONTHS if re.fullmatch(form, example)][:1]
    if kind not in ("instant", "date"):
        return []
    if re.fullmatch(r"1\d{9}(\.\d+)?", example):
        return [{"format": "unix"}]
    if re.fullmatch(r"1\d{12}", example):
        return [{"format": "unix_ms"}]
    if re.fullmatch(r"[34]\d{4}(\.\d+)?", example):
        return [{"format": "excel"}]
    for day, ways in _DAYS:
        for clock, more in _CLOCKS:
            if re.fullmatch(day + clock, example):
                return [{"format": way + more} for way in ways if _possible(way, example)]
    return []


def _possible(way: str, example: str) -> bool:
    """Is the number that would be the month one of twelve?"""
    if {way[:2], way[3:5]} != {"%d", "%m"}:
        return True
    first, second = (int(n) for n in re.findall(r"\d+", example)[:2])
    return (first if way.startswith("%m") else second) <= 12


def _of_number(column: str, kind: str, origin: ColumnSource, example: str) -> list[dict]:
    money = {"unit": "major"} if column.endswith("_minor") else {}
    keep = {"unit": "major"} if origin.unit == "major" else {}
    if origin.decimal:
        return []
    if re.fullmatch(r"[-+]?\d+\.\d{1,2}", example):
        return [money] if money and not keep else []
    if re.fullmatch(r"[-+]?\d{1,3}([.' ]\d{3})*,\d{1,2}|[-+]?\d+,\d{1,2}", example):
        return [{"decimal": ","} | money]
    if re.fullmatch(r"[-+]?\d{1,3}([,' ]\d{3})+\.\d+", example):
        return [{"decimal": "."} | money]
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", example):
        return [{"decimal": "."} | keep, {"decimal": ","} | money]
    if kind == "integer" and re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+", example):
        return [{"decimal": ","} | keep]
    return []


def _quoted(text: str) -> str:
    """A text as YAML takes it within braces."""
    return text if re.fullmatch(r"[A-Za-z_][\w ]*", text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
