"""What is wrong in a workbook file, in one sentence that names line, place and remedy?

It turns what pydantic found into words for the person who wrote the file. It knows no setting by name.
"""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from apijourney.errors import did_you_mean
from apijourney.workbook_places import line_of, path_in_file


def mistake_sentence(error: ValidationError, content: Any, name: str, model: type[BaseModel]) -> str:
    """Say the first mistake in one sentence: file, line, place, what is wrong, what to do; and how many more there are.

    content : what the file held, with ruamel's line numbers. name : of the file. model : what was expected of it.
    """
    problems = error.errors()
    first = problems[0]
    path = path_in_file(content, first["loc"])
    place = ".".join(p for p in path if isinstance(p, str))
    line = line_of(content, path)
    where = f"{name} line {line}: " if line else f"{name}: "
    kind, message = first["type"], first["msg"]
    if kind == "extra_forbidden":
        text = f'"{place}" is not a setting; {did_you_mean(path[-1], _fields_at(model, path[:-1]))}'
    elif kind == "missing":
        text = f'"{place}" is missing; add it.'
    elif kind == "value_error":
        reason = message.removeprefix("Value error, ")
        text = f'"{place}": {reason}' if place else reason
    else:
        found = "nothing" if first["input"] is None else repr(first["input"])
        got = f" (found: {found})" if not isinstance(first["input"], dict) else ""
        message = _PLAIN.get(kind, message)
        text = f'"{place}": {re.sub("^(Input|String) should", "must", message)}{got}'
    others = len({tuple(path_in_file(content, p["loc"])) for p in problems}) - 1
    more = f" ({others} more like this)" if others else ""
    return f"{where}{text if text.endswith('?') else text.rstrip('.') + '.'}{more}"


_PLAIN = {
    "dict_type": 'must hold "name: value" lines',
    "model_type": 'must hold "name: value" lines',
    "list_type": "must be a list, such as [a, b]",
}


def _fields_at(model: Any, path: list) -> list[str]:
    """Name the settings a model knows at a place of the file."""
    for part in path:
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            continue
        model = _model_in(field.annotation) or model
    return [f for f, field in model.model_fields.items() if not field.exclude]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found:
            return found
    return None
