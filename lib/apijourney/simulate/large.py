"""A company too large for memory: many small companies side by side, written one after the other.

Unit: a cell, a simulated company of ten times the sample's size whose ids carry its number. It is for
measuring speed and memory at the size of real logs; its stories are those of the sample, cell by cell.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from apijourney.errors import WorkbookError
from apijourney.simulate.simulation import run
from apijourney.simulate.write import write_table

CELL_SCALE = 10.0
ONCE = ("fx_rates", "hosts", "pages", "incidents", "releases", "annotations")
_NUMBERS = ("request_id", "event_id")
_NAMES = ("visitor_id", "developer_id", "account_id", "key_id", "ticket_id", "invoice_id")
_SPACE = 10**9  # numbers of one cell never reach those of the next


def write_large(
    folder: str | Path, *, calls: int, seed: int = 7, months: int = 18,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, int]:  # fmt: skip
    """Write tables as folders of Parquet files, a file a cell, until there are so many API calls.

    Parameters
    ----------
    folder : an empty or new folder; `requests/part-000.parquet` and so on come into it.
    calls : how many API calls at least; memory stays that of one cell (about 5 million calls).
    seed, months : as in `simulate`; each cell has a seed of its own.

    Returns
    -------
    table → rows written.

    Raises
    ------
    WorkbookError : fewer than one call asked for, or a folder that is not empty.
    """
    folder = Path(folder)
    if calls < 1:
        raise WorkbookError(f"simulate: calls is {calls}; give how many API calls there shall be, such as 10000000.")
    if folder.exists() and any(folder.iterdir()):
        raise WorkbookError(f"simulate: {folder} is not empty; name a new folder for the tables.")
    rows: dict[str, int] = {}
    cell = 0
    while rows.get("requests", 0) < calls:
        tables = run(seed + cell, months=months, scale=CELL_SCALE).tables
        for name, table in tables.items():
            if len(table) and not (cell and name in ONCE):
                (folder / name).mkdir(parents=True, exist_ok=True)
                write_table(own_ids(table, cell), folder / name / f"part-{cell:03}.parquet", level=3)
                rows[name] = rows.get(name, 0) + len(table)
        cell += 1
        progress(f"cell {cell:>3}: {rows['requests']:>13,} of {calls:,} calls")
    return rows


def own_ids(table: pa.Table, cell: int) -> pa.Table:
    """Make the ids of a table those of one cell: numbers move up, names end in the cell's number.

    >>> own_ids(pa.table({"request_id": [1], "key_id": ["test_1"]}), 2).to_pylist()
    [{'request_id': 2000000001, 'key_id': 'test_1-2'}]
    """
    for i, name in enumerate(table.column_names):
        if name in _NUMBERS:
            table = table.set_column(i, name, pc.add(table[name], cell * _SPACE))
        elif name in _NAMES:
            table = table.set_column(i, name, pc.binary_join_element_wise(table[name], str(cell), "-"))
    return table
