"""Which searches were made, by whom, and how many results did each find?

Unit: a search: any touchpoint whose properties name a number of `results`. Bots are left out. It does not
say what was looked for, nor whether a result helped.
"""

import json

import numpy as np
import pandas as pd

from apijourney.facts.event_log import event_log
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs


@remembered
@needs("touchpoints", what="Searches without a result")
def searches(study) -> pd.DataFrame | NotMeasurable:
    """Every search of the observed interval.

    Returns account_id (else the developer or visitor, as in `study.events`), time (microseconds UTC), results
    (0 = found nothing). Not measurable where no touchpoint says how many results it had.
    """
    files = study.store.paths("touchpoints", study.data_months)
    if not files:
        return _nothing()
    rows = study.con.read_parquet(files)
    rows = rows.filter(rows.properties.like('%"results"%'))
    ids = ["visitor_id", "developer_id", "account_id"]
    rows = rows.select(*ids, "occurred_at", "received_at", "properties", event=rows.touchpoint).to_pandas()
    said = [_object(text) for text in rows.pop("properties")]
    bots = study.workbook.definitions.bots
    rows["results"] = pd.to_numeric(pd.Series([s.get("results") for s in said], dtype="object"), errors="coerce")
    person = [s.get(bots.property) not in bots.values for s in said]
    rows = rows[rows["results"].notna() & np.array(person, dtype=bool)]
    if rows.empty:
        return _nothing()
    identities = study.store.ledger("identities")
    log = event_log(
        rows.assign(results=rows["results"].astype("int64")),
        identities=identities if len(identities) else None, observed_until=study.observed_until,
    )  # fmt: skip
    log = log.select(log.time >= study.observed_from)
    results = np.asarray(log.properties["results"]).astype("int64")
    return pd.DataFrame({"account_id": log.accounts.astype("str").take(log.account), "time": log.time, "results": results})


def _object(text: str) -> dict:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _nothing() -> NotMeasurable:
    return NotMeasurable(
        "Searches without a result",
        'no touchpoint says how many results a search had; give the events of the docs search a property "results".',
    )
