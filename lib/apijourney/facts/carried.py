"""Do the rows of a table say what a question asks of them?

Unit: a column of a stream, over all clean rows up to the month reported on. A column that no row
fills answers nothing: calls without a status are neither good nor bad, and no failure was counted
among them. One filled row is enough here; how many are empty is for the metric to say.
"""

import pyarrow.parquet

from apijourney.sources.contracts import CONTRACTS
from apijourney.workbook import EventFilter

WHO = "requests.account_id"
_IDS = ("account_id", "developer_id")  # a developer may be linked to an account at read
_FROM = {"status_class": "status"}
_ASSUMED = ("environment",)  # production, where nobody says otherwise


def needs_of(filter: EventFilter, source: str) -> tuple[str, ...]:
    """What an event of the journey needs: its table, and of calls who made them and what is asked of them.

    >>> needs_of(EventFilter(event="request", where={"status_class": "2xx"}), "requests")
    ('requests', 'requests.account_id', 'requests.status')
    """
    if source != "requests":
        return (source,)
    asked = (_FROM.get(name, name) for name in filter.where if name not in _ASSUMED)
    return (source, WHO, *(f"requests.{name}" for name in asked if name in CONTRACTS[source].columns))


def is_carried(store, months: list[str], name: str) -> bool:
    """Does any clean row of these months fill a column, such as "requests.status"? True where there is no row."""
    table, column = name.split(".")
    columns = _IDS if name == WHO else (column,)
    files = store.paths(table, months)
    for file in files:
        rows = pyarrow.parquet.read_table(file, columns=list(columns))
        if any(rows[c].null_count < len(rows) for c in columns):
            return True
    return not files
