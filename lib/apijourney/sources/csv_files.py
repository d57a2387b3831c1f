"""What does the first line of a CSV file say, and do the files of one table agree?

Unit: a file. The engine could guess all of it, but its guess may skip lines, take a line for a
comment, or read past a mark that is never closed; so the header is read here, and no line is left out.
"""

import csv
import gzip
from pathlib import Path

from ibis.expr.types import Table

from apijourney.errors import WorkbookError

SEPARATORS = ",;\t|"
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}


def opened(file: Path):
    """Open a file as text, unpacked."""
    reader = gzip.open if file.suffix == ".gz" else open
    return reader(file, "rt", encoding="utf-8-sig", newline="")


def header(file: Path) -> tuple[str, list[str]]:
    """What separates the fields of the first line, and what are they called?

    The separator is the one that gives most fields: comma, semicolon, tab or upright stroke. No name
    at all where the file is empty, or cannot be read as text: the engine says why.
    """
    try:
        with opened(file) as text:
            first = next((line for line in text if line.strip()), "")
    except (OSError, EOFError, UnicodeError):
        return ",", []
    found = {s: next(csv.reader([first], delimiter=s), []) for s in SEPARATORS}
    separator = max(found, key=lambda s: len(found[s]))
    return separator, [name.strip() for name in found[separator]]


def read_csv(con, files: tuple[Path, ...], label: str, view: str, **more: str) -> Table:
    """Read CSV files as one Ibis table, every value as the text it is.

    Raises
    ------
    WorkbookError : nothing in the files, or files whose fields are separated in different ways.
    """
    heads = {file: header(file) for file in files}
    known = {file: separator for file, (separator, names) in heads.items() if len(names) > 1}
    first = next(iter(known), files[0])
    for file, separator in known.items():
        if separator != known[first]:
            raise WorkbookError(
                f"{label}: {file.name} separates its fields by {_WORDS[separator]}, {first.name} by "
                f"{_WORDS[known[first]]}; write all files alike."
            )
    table = con.read_csv(
        [str(f) for f in files], table_name=view, all_varchar=True, header=True, union_by_name=True,
        delim=known.get(first, ","), quote='"', comment="", skip=0, **more,
    )  # fmt: skip
    if table.columns[0] == "column0" and not any(names for _, names in heads.values()):
        raise nothing(label)
    return table


def nothing(label: str) -> WorkbookError:
    """Build the error for files without any content."""
    return WorkbookError(f"{label}: the file is empty; fill it, or take it away if you do not have these data.")
