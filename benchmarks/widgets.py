"""How long does a reader wait after moving a control of a notebook, facts cached?

`python benchmarks/widgets.py --folder somewhere --calls 10000000` opens the last month of a company, opens each
explorer, and moves each control through its choices, the others as they stand, as a reader does: no answer is
asked for twice, and only those parts of a panel answer that depend on the control moved. An answer's time is split into drawing (figures and the pictures made of them) and all the rest: the
metrics and their sentences. A panel's first answer, as it opens, prepares what later ones need; it counts among the
answers, and the longest stands in a column of its own. Processor time, of all threads, is what remains of a wait when nobody else computes on
the machine. `--workbook` measures a workbook file of your own, or "sample", instead.
"""

import argparse
import importlib
import itertools
import os
import platform
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import ipywidgets
import matplotlib
import numpy as np
from companies import company_by_month

EXPLORERS = ("touchpoints", "funnel", "retention", "business", "infrastructure", "holistic")
OPENED = "as opened"
MOST = 12  # positions of a slider that are tried, spread evenly


def choices(control: ipywidgets.Widget) -> list:
    """The values a reader can choose of one control; of a long slider, some, its ends among them."""
    if isinstance(control, ipywidgets.Checkbox):
        return [not control.value, control.value]
    if hasattr(control, "_options_values"):
        return list(control._options_values)
    steps = round((control.max - control.min) / control.step) + 1
    places = np.unique(np.linspace(0, steps - 1, min(steps, MOST)).round().astype(int))
    return [type(control.value)(control.min + k * control.step) for k in places]


def panels_of(explorer: str, study, drawing: list[float]) -> list[tuple]:
    """Open an explorer; return each of its panels as (answers, controls by name). drawing : gets seconds, see `_timed`."""
    module, found = importlib.import_module(f"apijourney.explore.{explorer}"), []

    def kept(*answers, **controls):
        found.append((answers, controls))
        return ipywidgets.VBox()

    module.panel = kept
    for name in [n for n in vars(module) if n == "show" or n.startswith("draw_")]:
        setattr(module, name, _timed(getattr(module, name), drawing))
    getattr(module, f"explore_{explorer}")(study)
    return found


def _timed(function, noted: list[float]):
    """The same function, which notes its seconds."""

    def timed(*args, **kwargs):
        began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            noted.append(time.perf_counter() - began)

    return timed


def waits(explorer: str, study) -> list[tuple[float, float, float, str]]:
    """Seconds of every answer, those of drawing, those of the processor; and which control was moved where."""
    from apijourney.explore.panel import asked_of

    rows, drawing = [], []
    for answers, controls in panels_of(explorer, study, drawing):
        stands = {name: control.value for name, control in controls.items()}
        moves = [(name, value) for name, control in controls.items() for value in choices(control) if value != stands[name]]
        for name, value in [(OPENED, None), *moves]:
            drawing.clear()
            began, used = time.perf_counter(), time.process_time()
            chosen = stands | ({name: value} if value is not None else {})
            with redirect_stdout(StringIO()):
                for answer in answers:
                    if value is None or name in asked_of(answer):
                        answer(**{control: chosen[control] for control in asked_of(answer)})
            seconds, processor = time.perf_counter() - began, time.process_time() - used
            rows.append((seconds, sum(drawing), processor, f"{name} {value if value is not None else ''}".strip()))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the company and its facts are kept")
    parser.add_argument("--calls", type=int, default=10_000_000, help="how many")
    parser.add_argument("--workbook", help="a workbook file, or sample, in place of the company of so many calls")
    parser.add_argument("--explorers", nargs="+", default=EXPLORERS, choices=EXPLORERS)
    given = parser.parse_args()
    matplotlib.use("agg")
    given.folder.mkdir(parents=True, exist_ok=True)
    os.environ["APIJOURNEY_CACHE"] = str(given.folder / "cache-of-widgets")
    say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    book = given.workbook or company_by_month(given.folder, given.calls, say) / "workbook.yaml"
    from apijourney import open_study
    from apijourney.figures.style import use_style

    use_style()
    study = open_study(book, progress=say)
    began = time.perf_counter()
    len(study.events)
    say(f"the event log is open after {time.perf_counter() - began:.1f} s")
    every = []
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"{len(study.everything):,} events\n")  # fmt: skip
    print("| explorer | answers | median ms | p95 ms | drawing, p95 | all else, p95 | processor, median | processor, p95 "
          "| opening, ms | longest move, ms | which |")  # fmt: skip
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|")
    for explorer in given.explorers:
        rows = waits(explorer, study)
        every.append(rows)
        for seconds, drawing, processor, what in rows:
            say(f"  {explorer}: {what}: {1000 * seconds:.0f} ms, of these drawing {1000 * drawing:.0f}; processor {1000 * processor:.0f}")
        print(_line(explorer, rows), flush=True)
    print(_line("all", list(itertools.chain(*every))))


def _line(name: str, rows: list[tuple[float, float, float, str]]) -> str:
    whole, drawing, processor = (1000 * np.array([row[k] for row in rows]) for k in range(3))
    opening = np.array([row[3] == OPENED for row in rows])
    moved = np.where(opening, 0, whole)
    shown = [*np.quantile(whole, [0.5, 0.95]), np.quantile(drawing, 0.95), np.quantile(whole - drawing, 0.95)]
    shown += [*np.quantile(processor, [0.5, 0.95]), whole[opening].max(), moved.max()]
    return f"| {name} | {len(rows)} | {' | '.join(f'{ms:.0f}' for ms in shown)} | {rows[int(moved.argmax())][3]} |"


if __name__ == "__main__":
    main()
