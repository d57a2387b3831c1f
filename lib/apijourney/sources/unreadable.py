"""Why can a file not be read? One sentence that a person without the engine's vocabulary can act on.

Unit: a file. It is asked only when reading has failed, so it may take its time and read the file once
more, line by line.
"""

import csv
import gzip
import json
import re
from pathlib import Path

from apijourney.errors import WorkbookError
from apijourney.sources.csv_files import header, opened

_BYTE_ORDER = (b"\xff\xfe", b"\xfe\xff")
_ARCHIVE = b"PK\x03\x04"  # as of a zip file, and of a spreadsheet


def unreadable(label: str, error: Exception, files: tuple[Path, ...] = (), kind: str = "") -> WorkbookError:
    """Build the error for a file the engine cannot read.

    files, kind : of the table; of CSV and JSON lines the line that does not fit is named.
    """
    asked = {"csv": why_no_csv, "jsonl": why_no_json}.get(kind)
    for file in files if asked else ():
        why = asked(file)
        if why:
            name = label if len(files) == 1 else f"{label}: {file.name}"
            return WorkbookError(f"{name}: {why}")
    first = re.sub(r"^[A-Z][\w ]{1,40} Error: ", "", str(error).split("\n")[0])
    first = re.sub(r"""(?<=["'])/[^"']*/|(?<=\s)/\S*/""", "", first)[:160].rstrip(". ")
    return WorkbookError(f"{label}: cannot be read ({first}); mend the file, or correct its format or path.")


def why_no_csv(file: Path) -> str:
    """Say which line of a CSV file does not fit, and what to do; empty where all of them seem to."""
    try:
        if why := _no_text(file):
            return why
        separator, names = header(file)
        with opened(file) as text:
            return _first_misfit(text, separator, len(names)) or _line_ends(file)
    except UnicodeDecodeError:
        return f"line {_undecodable(file)} is not UTF-8; save the file as UTF-8."
    except (OSError, EOFError):
        return ""


def why_no_json(file: Path) -> str:
    """Say which line is no JSON object; empty where all of them are."""
    try:
        if why := _no_text(file):
            return why
        with opened(file) as text:
            for number, line in enumerate(text, start=1):
                if line.strip() and not _is_object(line):
                    return f"line {number} is no JSON object; write one whole object on each line."
    except UnicodeDecodeError:
        return f"line {_undecodable(file)} is not UTF-8; save the file as UTF-8."
    except (OSError, EOFError):
        pass
    return ""


def _no_text(file: Path) -> str:
    """Say what a file is that is called like a text and is none; empty where it looks like one."""
    with (gzip.open if file.suffix == ".gz" else open)(file, "rb") as raw:
        begin = raw.read(200)
    if begin.startswith(_ARCHIVE):
        return "it is a spreadsheet or a zip archive; save it as CSV in UTF-8, or unpack it."
    utf16 = begin[:2] in _BYTE_ORDER or begin.count(0) > len(begin) // 4
    return "it is written in UTF-16; save it as UTF-8." if utf16 else ""


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _first_misfit(text, separator: str, expected: int) -> str:
    rows = csv.reader(text, delimiter=separator, strict=True)
    line = 1
    try:
        for row in rows:
            if row and expected and len(row) != expected:
                return f"line {line} has {_fields(len(row))}, the first line has {expected}; mend that line."
            line = rows.line_num + 1
    except csv.Error:
        return f"line {line} has a quotation mark that is not closed or not doubled; mend that line."
    return ""


def _fields(n: int) -> str:
    return f"{n} field" if n == 1 else f"{n} fields"


def _line_ends(file: Path) -> str:
    with opened(file) as text:
        ends = {"\r\n" if line.endswith("\r\n") else "\n" for line in text if line.endswith("\n")}
    return "some lines end as on Windows and others do not; save it with one kind of line end." if len(ends) > 1 else ""


def _undecodable(file: Path) -> int:
    with (gzip.open if file.suffix == ".gz" else open)(file, "rb") as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1
