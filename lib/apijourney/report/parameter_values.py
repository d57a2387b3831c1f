"""Does the value of a parameter mean anything? Asked before any notebook is run.

Unit: one parameter. The checks are those of the functions the notebooks hand the value to, so what is let through
here is not refused there. A parameter that only a notebook of somebody's own declares is not judged.
"""

from collections.abc import Callable

from apijourney.errors import WorkbookError
from apijourney.workbook import Workbook

MOST_ROWS = 1000


def check_values(workbook: Workbook, values: dict[str, object]) -> None:
    """Refuse a value that no notebook could use. values : name → value, of the type its notebook declares.

    Raises
    ------
    WorkbookError : names the parameter, what was expected and what was found.
    """
    checks = _checks(workbook)
    for name, value in values.items():
        try:
            checks.get(name, _anything)(value)
        except WorkbookError as error:
            raise WorkbookError(f"--parameter {name}: {str(error).partition(': ')[2]}") from None


def _checks(workbook: Workbook) -> dict[str, Callable]:
    """The parameters of the workbook's notebooks, each with the check of the function that takes it."""
    from apijourney.facts.study import checked_months_back
    from apijourney.metrics.infrastructure.capacity import checked_full_at
    from apijourney.metrics.product.conversion.step_levers import checked_points
    from apijourney.metrics.product.friction.friction import checked_hours, checked_step
    from apijourney.metrics.product.windows import as_window

    return {
        "months_back": checked_months_back,
        "window": as_window,
        "friction_step": lambda step: checked_step(step, workbook.funnel),
        "friction_hours": checked_hours,
        "worst": _checked_rows,
        "full_at": checked_full_at,
        "points": checked_points,
        **dict.fromkeys(JUDGED_WITH_THE_DATA, _anything),
    }


JUDGED_WITH_THE_DATA = ("workbook", "month", "segment", "product")
"""Whether there is such a month, segment or product, the data say; they are opened before any notebook is run."""


def _checked_rows(rows: int) -> None:
    if not 1 <= rows <= MOST_ROWS:
        raise WorkbookError(f"worst: a list shows from 1 to {MOST_ROWS:,} accounts, not {rows}.")


def _anything(value) -> None:
    pass
