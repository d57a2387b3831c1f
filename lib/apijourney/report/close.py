"""Is a month closed? Until when are its numbers provisional, and may its report be made again?

Unit: one month. It is provisional until the end of the workbook's `report.close_day` in the month after, and final
from then on; a final report is replaced only on demand. Months of a simulated company are never closed. The clock is
read here and nowhere else.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from apijourney.formats import month_name
from apijourney.localtime import zone_info


@dataclass(frozen=True)
class Closing:
    """status : "provisional", "final" or "simulated". final_from : the first local day on which the month is final."""

    status: str
    final_from: date

    def __str__(self) -> str:
        if self.status == "simulated":
            return ""
        if self.status == "final":
            return f"Final since {self.final_from}."
        return f"Provisional: numbers may change until the month is closed, on {self.final_from}."


def now() -> datetime:
    return datetime.now(UTC)


def closing(book, month: str, at: datetime) -> Closing:
    """Decide whether a month of a company is closed at an instant."""
    year, number = int(month[:4]), int(month[5:])
    last = date(year + number // 12, number % 12 + 1, book.report.close_day)
    final_from = last + timedelta(days=1)
    if book.simulated:
        return Closing("simulated", final_from)
    today = at.astimezone(zone_info(book.timezone)).date()
    return Closing("final" if today >= final_from else "provisional", final_from)


def is_frozen(record: dict | None) -> bool:
    """Whether a published report is one that must not be replaced."""
    return bool(record) and record.get("status") == "final"


def frozen_sentence(record: dict, *, notes: str = "", would: bool = False) -> str:
    """Say that a final report stays as it is.

    notes : where comments are that it does not show; empty = none. would : of a call that only says what it would do.
    """
    made = "would not be made again" if would else "was not made again"
    more = f" The comments in {notes} are not in it: they too are shown only with --restate." if notes else ""
    return (
        f"The report of {month_name(record['month'])} is final since {record['final_from']} and {made}; "
        f"--restate publishes it once more, and says what has changed.{more}"
    )
