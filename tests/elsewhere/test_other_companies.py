"""The headline numbers belong to the company: other seeds, other numbers; planted stories are found."""

import json
import shutil

import numpy as np
import pytest
from ruamel.yaml import YAML

from apijourney import NotMeasurable, load_workbook, measure_all, open_study
from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE

NOTEBOOKS = SAMPLE.parents[2] / "notebooks"


@pytest.fixture(scope="module")
def headlines(tmp_path_factory):
    """The scorecard of three companies: metric → one value a company, the latest known month."""
    found = {}
    for seed in (1, 2, 3):
        folder = tmp_path_factory.mktemp(f"seed{seed}")
        write_sample(folder, seed=seed, scale=0.15)
        shutil.copy(SAMPLE, folder / "workbook.yaml")
        study = open_study(folder, month="2026-10", months_back=6)
        for metric, table in measure_all(study, load_workbook("sample").scorecard).items():
            assert not isinstance(table, NotMeasurable), metric
            found.setdefault(metric, []).append(table["value"].dropna().iloc[-1])
    return found


@pytest.mark.parametrize("metric", load_workbook("sample").scorecard)
def test_every_headline_number_changes_with_the_company(headlines, metric):
    values = headlines[metric]
    assert np.isfinite(values).all()
    assert len(set(values)) == 3


def test_on_the_full_sample_every_catalogued_metric_is_measurable(measured_once):
    study = open_study("sample", month="2026-10")
    lacking = [m for m, table in measure_all(study).items() if isinstance(table, NotMeasurable)]
    assert not lacking


def test_the_notebooks_find_the_planted_stories():
    truth = YAML(typ="safe").load((SAMPLE.parent / "truth.yaml").read_text())
    findings = ""
    for file in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(file.read_text())["cells"]:
            for output in cell.get("outputs", []):
                if output.get("metadata", {}).get("apijourney", {}).get("finding"):
                    findings += "".join(output["data"]["text/markdown"])
    assert truth["bad_sdk_release"]["version"] in findings
    assert "hackathon" in findings and "quickstart" in findings and "February 2026" in findings
    assert truth["outage_month"]["month"] == "2026-02"
    assert "without it" in findings  # what the whale hides
    ending = truth["deprecated_version"]
    assert f"{ending['version']} ends on **{ending['sunset']}**" in findings
