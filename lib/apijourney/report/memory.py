"""What does a report know beside its data: what was said before, whether the month is closed, what the PM says.

Unit: one run. It is gathered once, so that page, record and history say the same.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from apijourney.report.close import Closing, closing
from apijourney.report.fingerprints import code_version, data_version, definition_versions
from apijourney.report.history import SCHEMA, read_history, same_scope
from apijourney.report.notes import read_notes
from apijourney.report.restated import COLUMNS, filled, restatements


@dataclass(frozen=True)
class Memory:
    """run, published_at : which publication this is, and when. closing : see `Closing`. notes : the PM's, as written.

    history : what reports of the same scope have said. restated : see `restatements`. definitions, program, data :
    the fingerprints of this run.
    """

    run: str = ""
    published_at: str = ""
    closing: Closing | None = None
    notes: str = ""
    history: pd.DataFrame = field(default_factory=lambda: SCHEMA.empty_table().to_pandas())
    restated: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))
    definitions: dict[str, str] = field(default_factory=dict)
    program: str = ""
    data: str = ""

    def lengthened(self, metrics: dict, month: str) -> dict:
        """The metrics with the months that only history knows. See `filled`."""
        return filled(metrics, self.history, month, self.definitions)


def remember(study, metrics: dict, out: Path, at: datetime) -> Memory:
    """Gather what a report needs to know beside its data. at : the instant of the run."""
    book = study.workbook
    history = same_scope(read_history(out), book.company, study.segment, study.product)
    prints = {"definitions": definition_versions(book), "program": code_version(), "data": data_version(study)}
    return Memory(
        run=uuid.uuid4().hex, published_at=f"{at:%Y-%m-%dT%H:%M:%S}Z", closing=closing(book, study.month, at),
        notes=read_notes(book, study.month), history=history,
        restated=restatements(metrics, history, study.month, **prints, currency=book.currency), **prints,
    )  # fmt: skip
