"""How do the simulated tables become files that are the same, byte for byte, each time?"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from apijourney.simulate.simulation import Simulation, run
from apijourney.simulate.truth import truth_of

_DELTA = ("request_id", "event_id", "occurred_at", "sampled_at")
_PLAIN = ("received_at",)


def write_sample(
    folder: str | Path, *, seed: int = 7, months: int = 18, stories: bool = True, scale: float = 1.0,
    progress: Callable[[str], None] = lambda line: None,
) -> Simulation:  # fmt: skip
    """Write one Parquet file a table, and `truth.yaml`, into a folder; tables without rows are left out.

    The parameters are those of `simulate`. Other files of the folder are not touched.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    simulation = run(seed, months=months, stories=stories, scale=scale, progress=progress)
    for name, table in simulation.tables.items():
        path = folder / f"{name}.parquet"
        if len(table):
            write_table(table, path)
        else:
            path.unlink(missing_ok=True)
    truth, yaml = truth_of(simulation), YAML()
    yaml.width = 110
    with (folder / "truth.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(truth, file)
    return simulation


def write_table(table: pa.Table, path: Path, *, level: int = 19) -> None:
    """Write a table through a neighbouring file, so that a reader never sees half of it. level : of zstd."""
    unfinished = path.with_suffix(".parquet.part")
    delta = {c: "DELTA_BINARY_PACKED" for c in table.column_names if c in _DELTA}
    pq.write_table(
        table, unfinished, compression="zstd", compression_level=level, row_group_size=131_072,
        use_dictionary=[c for c in table.column_names if c not in (*_DELTA, *_PLAIN)], column_encoding=delta or None,
    )  # fmt: skip
    unfinished.replace(path)
