"""Are the data fit to be reported on? The last gate before the notebooks are run.

Unit: a table. What cannot be read at all has stopped the run before; here too many rows were put aside, each for a
reason, for the rest to be taken for the whole. It looks at no metric.
"""

from apijourney.errors import TooMuchPutAside
from apijourney.formats import percent


def check_quality(study) -> None:
    """Refuse a table of which more rows were put aside than the workbook file allows (`report.most_put_aside`).

    Raises
    ------
    TooMuchPutAside : names the table, the share, the most frequent reason, and the remedy.
    """
    limit = study.workbook.report.most_put_aside
    aside = study.quality
    aside = aside[aside["severity"] == "put aside"]
    rows = {name: table["rows"] for name, table in study.tables.items()}
    for table, found in aside.groupby("table"):
        share = found["rows"].sum() / max(rows.get(table, 0), 1)
        if share > limit:
            most = found.sort_values("rows").iloc[-1]["check"]
            raise TooMuchPutAside(
                f"{study.workbook.path.name}: {table}: {percent(share)} of the rows were put aside, most often for "
                f"“{most}”; the limit is {percent(limit)}: mend the data, or raise report.most_put_aside."
            )
