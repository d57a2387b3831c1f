"""A report killed at any moment is whole or absent, history keeps all of it, and the next run succeeds."""

import json
import multiprocessing
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apijourney.report.history import read_history, update_history
from apijourney.report.lock import only_run_of, sharing
from apijourney.report.overview import write_overview
from apijourney.report.publication import check_place, publish

MONTHS = ("2026-09", "2026-10")
BULK = "x" * 400_000  # so that writing takes a while


def publish_one(out: str, month: str, run: str) -> None:
    """What a run does once its notebooks are done; every file of a publication names the run."""
    place = Path(out)
    row = {"metric": "revenue", "month": month, "value": 1.0, "low": None, "high": None, "numerator": None,
           "denominator": None, "mature": True, "unit": "money"}  # fmt: skip
    record = {"company": "Acme", "month": month, "run": run, "published_at": run, "metrics": [row], "notebooks": []}
    notebooks = [place.parent / f"{run}-{n}.ipynb" for n in (1, 2)]
    for notebook in notebooks:
        notebook.write_text(json.dumps({"cells": [], "run": run, "bulk": BULK}))
    with only_run_of(place, month):
        check_place(place, month, "Acme")
        with sharing(place):
            update_history(place)
        named = [n.rename(n.with_name(n.name.removeprefix(f"{run}-"))) for n in notebooks]
        publish(place, month, "Acme", f"{run} {BULK}", record, named, {"report.pdf": f"{run} {BULK}".encode()})
        with sharing(place):
            update_history(place)
            write_overview(place)


def whole(folder: Path) -> str:
    """The run that a report is of, once every file of it was found to be of that run."""
    run = json.loads((folder / "metrics.json").read_text())["run"]
    assert (folder / "index.html").read_text() == f"{run} {BULK}"
    assert (folder / "report.pdf").read_text() == f"{run} {BULK}"
    assert {json.loads(f.read_text())["run"] for f in (folder / "notebooks").iterdir()} == {run}
    return run


@pytest.mark.fuzz
def test_a_publication_killed_at_any_of_200_moments_tears_nothing_and_loses_nothing(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["apijourney.report.overview", "apijourney.report.publication", "apijourney.report.page"])
    out, dice, remembered, killed = tmp_path / "out", random.Random(7), set(), 0
    times = []
    for n in range(3):  # how long is a run that nobody kills?
        began = time.monotonic()
        process = context.Process(target=publish_one, args=(str(out), MONTHS[n % 2], f"r{n:04}"))
        process.start()
        process.join()
        assert process.exitcode == 0
        times.append(time.monotonic() - began)
    longest = sorted(times)[1] * 1.2
    for n in range(3, 203):
        month, run = MONTHS[n % 2], f"r{n:04}"
        process = context.Process(target=publish_one, args=(str(out), month, run))
        process.start()
        process.join(dice.uniform(0, longest))
        killed += process.is_alive()
        process.kill()
        process.join()
        standing = {whole(out / m) for m in MONTHS}  # from the first report on, there is always a whole one
        known = set(read_history(out)["run"])
        assert remembered <= known, "what history held it holds for ever"
        remembered = known
        if n % 20 == 0:  # the next run succeeds
            publish_one(str(out), month, f"{run}-next")
            assert whole(out / month) == f"{run}-next"
            history = read_history(out)
            assert standing | remembered | {f"{run}-next"} <= set(history["run"])
            current = history[history["restated_at"] == ""]
            assert sorted(current["report_month"]) == list(MONTHS), "one report a month holds"
            remembered = set(history["run"])
    assert killed > 100, f"only {killed} were killed in time"
    for month in MONTHS:
        check_place(out, month, "Acme")
    update_history(out)
    hidden = sorted(p.name for p in out.iterdir() if p.name.startswith("."))
    assert hidden == [".history.previous.parquet", ".locks"], "and leaves no litter"


@pytest.mark.fuzz
def test_a_real_run_killed_at_any_of_10_moments_tears_nothing_and_the_next_one_succeeds(tmp_path, monkeypatch):
    monkeypatch.setenv("APIJOURNEY_CACHE", str(tmp_path / "cache"))
    out, dice, published = tmp_path / "out", random.Random(11), 0
    words = [sys.executable, "-m", "apijourney.report", "--out", str(out)]
    for _ in range(10):
        run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            run.wait(dice.uniform(2, 60))
            published += run.returncode == 0
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
        for month in out.glob("[0-9]*"):
            record = json.loads((month / "metrics.json").read_text(encoding="utf-8"))
            assert (month / "index.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
            assert sorted(p.stem for p in (month / "notebooks").iterdir()) == [n["name"] for n in record["notebooks"]]
    assert subprocess.run(words, capture_output=True, timeout=600).returncode == 0
    assert [p.name for p in sorted(out.iterdir()) if not p.name.startswith(".")] == ["2026-10", "history.parquet", "index.html"]
    assert read_history(out)["run"].nunique() >= published + 1
