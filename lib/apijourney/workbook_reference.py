"""The workbook file as a page to read: `docs/workbook-file.md` is made by `python -m apijourney.workbook_reference`."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from apijourney.workbook import DEFAULT_JOURNEY, NOT_NAMED, Touchpoint, Workbook
from apijourney.workbook_tables import FORMATS

_HEAD = """# The workbook file

Made from the settings by `python -m apijourney.workbook_reference > docs/workbook-file.md`; do not edit.
Only `company` is needed; everything else has a default. A setting that does not exist is refused, with the name that
was probably meant. `…` stands for a name of your choice, such as that of a table; `[]` for each entry of a list.
[your-own-data.md](your-own-data.md) walks through a first file, `data/sample/workbook.yaml` is a full one.

| setting | value | default | meaning |
|---|---|---|---|
"""

MEANINGS = {
    "company": "whose report it is",
    "simulated": "true: the data are made up, and every page says so",
    "source": "the folder of the tables, or a DuckDB file; relative to this file",
    "timezone": "whose days, weeks and months count, such as Europe/Berlin",
    "week_starts": "the first day of a week",
    "currency": "the one currency everything is reported in (ISO 4217)",
    "observed_from": "first local day of trustworthy data, as 2025-05-01; without it the first day on which all streams have begun",
    "tables": "where a table is and which of its columns is which; only where names differ from [the canonical ones](tables.md)",
    "tables.….path": "a file, or several by `*`; relative to this file, or absolute",
    "tables.….table": "of a DuckDB file: which of its tables",
    "tables.….format": f"{', '.join(FORMATS)}, or the text of a log format; only where the ending does not tell it",
    "tables.….pattern": "of the format lines: a regular expression whose named groups become columns",
    "tables.….timezone": "in which zone its times and days are that say none, such as Europe/Berlin; without it UTC. The "
    "hour that a clock change repeats is read as the later one",
    "tables.….columns": "canonical column → its origin: the name of a source column (customer.id = id within customer), or the "
    "following; a column that is called like the canonical one, but for capitals, blanks and hyphens, needs no entry",
    "tables.….columns.….column": "the source column",
    "tables.….columns.….value": "the same value in every row",
    "tables.….columns.….file": "a regular expression with one group, which is taken from the name of the file",
    "tables.….columns.….format": 'how a date or time is written, such as "%d.%m.%Y %H:%M"; or unix (seconds since 1970), unix_ms '
    "(milliseconds), excel (the day number of a spreadsheet)",
    "tables.….columns.….unit": "of an amount: minor = 1234 is 12.34; major = 12.34 becomes 1234",
    "tables.….columns.….decimal": "of a number: the sign before its decimals; the other of point and comma then separates "
    "thousands. Without it a point, and nothing between thousands",
    "tables.….columns.….values": 'what stands in the file → what it means, such as {prod: production, unlimited: ""}; "" = nothing',
    "tables.….where": "source column → the value, or one of the values, a row must have to be used",
    "tables.….exclude": "source column → a regular expression; a row whose value it finds is left out",
    "products": "product → its endpoint templates, such as /v1/payments/{id}; * only as the last part",
    "journey": "the touchpoints of the developer journey, in order; without it [the one below](#the-journey-without-one-of-your-own)",
    "journey[].touchpoint": "its name, as a reader sees it",
    "journey[].stage": "where in the journey it stands",
    "journey[].owner": "the team that answers for it",
    "journey[].event": "the event behind it: a touchpoint of the table touchpoints, or request, invoice, ticket, account_created, "
    "account_closed; without it the touchpoint's own name",
    "journey[].where": "property → the value, or one of the values, the event must have",
    "journey[].first": "true: on the map and at its stage only the first such event of each account or visitor counts; a funnel begins anew "
    "at each first step and takes no notice",
    "journey[].needs": "what would make it measurable, said where it is not",
    "funnel": "the touchpoints that are the steps of the conversion funnel, in order",
    "definitions": "what the words mean in this company",
    "definitions.active": "an account is active in a period with at least one such event; by default a successful production call",
    "definitions.active.event": "as in journey",
    "definitions.active.where": "as in journey",
    "definitions.activated": "an account is activated once it was active on so many local days soon after sign-up",
    "definitions.activated.days": "local days it takes",
    "definitions.activated.within_days": "calendar days after sign-up",
    "definitions.transaction": "the event that completes a business transaction, such as a payment made; without it nothing about "
    "transactions is measurable",
    "definitions.transaction.event": "as in journey",
    "definitions.transaction.where": "as in journey",
    "definitions.mrr_includes_usage": "does usage that is billed count as recurring revenue? It is shown apart either way",
    "definitions.min_n": "of fewer accounts a cell says “too few”",
    "definitions.silence_days": "silent days after which an account counts as gone, where the data do not tell it themselves",
    "definitions.bots": "visitors who are no people",
    "definitions.bots.property": "the property of a touchpoint that tells them",
    "definitions.bots.values": "its values",
    "definitions.test_keys": "keys that begin so are left out",
    "tariff": "what a call costs: for an endpoint template, a product, or * for all other calls; without it prices are read off "
    "the bills for use, if most of them fit",
    "tariff.….price": "minor units of the reporting currency for each successful production call, such as 2 or 0.5",
    "tariff.….free_calls": "calls of an account in a month that cost nothing, over all endpoints under the name",
    "tariff.….since": "the first month it holds for, as 2026-01; bills for earlier months are not compared",
    "slo": "what was promised",
    "slo.availability": "the share of valid calls that is answered well",
    "slo.apdex_ms": "an answer within this satisfies; within four times this it is tolerated",
    "goals": "metric → the value to reach; see [the metrics](metrics.md)",
    "owners": "metric or dimension → who answers for it",
    "scorecard": "the metrics of the report's first page, at most twelve",
    "report": "when the monthly report closes a month, and which data it refuses",
    "report.close_day": "local day of the next month after which a month is final",
    "report.most_put_aside": "the largest share of a table's rows that may be put aside",
}


def settings(model: type[BaseModel] = Workbook, place: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting of the workbook file in order, what a setting holds after it: (place, field)."""
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        here = f"{place}.{name}" if place else name
        yield here, field
        suffix, inner = _inner(field.annotation)
        if inner:
            yield from settings(inner, here + suffix)


def workbook_markdown() -> str:
    """Write the page: one row a setting."""
    rows = [
        f"| `{place}` | {_words(field.annotation)} | {_default(field)} | {MEANINGS[place].replace('|', chr(92) + '|')} |"
        for place, field in settings()
    ]
    return _HEAD + "\n".join(rows) + "\n" + _JOURNEY + "\n".join(map(_step, DEFAULT_JOURNEY)) + "\n"


_JOURNEY = """
## The journey without one of your own

A workbook file that says nothing under `journey` has this one. A step whose table is not there is not measurable; no
step has an owner, and there is no `funnel`. Copy it to begin your own with: a `journey` of yours takes its place whole.

| touchpoint | stage | event behind it | only those where |
|---|---|---|---|
"""


def _step(touchpoint: Touchpoint) -> str:
    """One touchpoint as a row."""
    of = touchpoint.filter
    where = ", ".join(f"`{name}: {value}`" for name, value in of.where.items())
    return f"| {touchpoint.touchpoint} | {touchpoint.stage} | `{of.event}` | {where} |"


def _inner(annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """The model inside a setting, and how one gets to it: by a name (".…"), by its place in a list ("[]")."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "", annotation
    if origin in (Union, types.UnionType):
        return next((found for found in map(_inner, parts) if found[1]), ("", None))
    if origin in (list, dict):
        suffix, model = _inner(parts[-1])
        return (("[]" if origin is list else ".…") + suffix, model)
    return "", None


def _words(annotation: Any) -> str:
    """What may stand there, as a person says it."""
    origin, parts = get_origin(annotation), get_args(annotation)
    plain = {str: "text", bool: "true or false", int: "whole number", float: "number"}
    if annotation in plain:
        return plain[annotation]
    if origin is Annotated:
        return _words(parts[0])
    if origin is Literal:
        return ", ".join(map(str, parts))
    if origin in (Union, types.UnionType):
        return " or ".join(_words(p) for p in parts if p is not type(None))
    if origin is list:
        return f"list of {_words(parts[0])}"
    return "name: value lines"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float) or (isinstance(value, str) and value not in ("", NOT_NAMED)):
        return f"`{value}`"
    if isinstance(value, list) and value and isinstance(value[0], str):
        return ", ".join(f"`{v}`" for v in value)
    return ""


if __name__ == "__main__":
    print(workbook_markdown(), end="")
