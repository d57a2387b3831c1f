"""What does the PM say to a month? The comments that stand in the report, kept beside the workbook file.

Unit: a month. `notes/2026-10.md` beside the workbook file is Markdown without HTML; what looks like HTML is shown as
it is written. The file belongs to its writer: no run changes it, so comments survive every rerun. A final report shows
those it was published with.
"""

from apijourney.errors import WorkbookError
from apijourney.report.secrets import hide_secrets

FOLDER = "notes"
LONGEST = 20_000


def not_shown(book, record: dict) -> str:
    """Where the comments on a published month are, if they are others than its report shows; else empty."""
    month = record["month"]
    return "" if hide_secrets(read_notes(book, month)) == record.get("notes", "") else f"{FOLDER}/{month}.md"


def read_notes(book, month: str) -> str:
    """The comments on a month, as written; empty where there are none.

    Raises
    ------
    WorkbookError : the file is no text, or longer than a report can carry.
    """
    file = book.folder / FOLDER / f"{month}.md"
    if not file.is_file():
        return ""
    try:
        text = file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        raise WorkbookError(f"{file}: it cannot be read as text; save it as UTF-8.") from None
    if len(text) > LONGEST:
        raise WorkbookError(f"{file}: {len(text):,} letters are too many for a comment; keep it within {LONGEST:,}.")
    return text
