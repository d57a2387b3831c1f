"""A real metering trace through the workbook: volumes and medians come out, the rest says what to add.

Azure LLM inference trace 2023: an hour of two services, with a time and two token counts a call. Published
with it: the medians of ContextTokens and GeneratedTokens, 1,469 and 13 for code, 1,020 and 129 for
conversation. docs/metering-trace.md tells the same; the numbers it shows are held here.
"""

import re
import shutil

import pytest

from apijourney import CATALOG, NotMeasurable, measure_all, open_study
from apijourney.metrics.infrastructure.after_errors import after_errors
from apijourney.metrics.infrastructure.burn_rate import alarms_of_study
from apijourney.metrics.infrastructure.capacity import headroom
from apijourney.metrics.infrastructure.concurrency import concurrent_by_month
from apijourney.metrics.infrastructure.incident_match import incidents_compared
from apijourney.metrics.infrastructure.latency_groups import latency_by_group
from apijourney.metrics.infrastructure.migration import migration_of_study
from apijourney.metrics.infrastructure.unusual_days import marked_days
from apijourney.metrics.infrastructure.usage import endpoints_of_month
from apijourney.metrics.product.discovery.blind_spots import blind_spots, catalog_map
from apijourney.metrics.product.discovery.touchpoints import touchpoint_map
from apijourney.readings.infrastructure import endpoint_words
from apijourney.workbook import SAMPLE

EXAMPLE = SAMPLE.parents[1] / "examples" / "llm_trace" / "workbook.yaml"
WALK = SAMPLE.parents[2] / "docs" / "metering-trace.md"


@pytest.fixture(scope="module")
def trace(real_data, tmp_path_factory):
    files = sorted((real_data / "azure_llm_trace").glob("AzureLLMInferenceTrace_*.csv"))
    if len(files) != 2:
        pytest.skip(
            f"the two files of the trace are not at {real_data / 'azure_llm_trace'}; set REAL_DATA_DIR to the folder "
            "that holds azure_llm_trace/."
        )
    folder = tmp_path_factory.mktemp("trace")
    for file in (*files, EXAMPLE):
        shutil.copy(file, folder)
    return open_study(folder)


@pytest.fixture(scope="module")
def answers(trace):
    return measure_all(trace)


def test_calls_and_medians_are_the_published_ones(trace):
    calls = trace.requests()
    table = calls.group_by("endpoint").aggregate(
        calls=calls.count(), units_in=calls.units_in.median(), units_out=calls.units_out.median(),
        sent=calls.units_in.sum(), generated=calls.units_out.sum(),
    ).execute().set_index("endpoint")  # fmt: skip
    assert table.loc["code"].tolist() == [8_819, 1_469, 13, 18_059_974, 245_896]
    assert table.loc["conv"].tolist() == [19_366, 1_020, 129, 22_361_870, 4_088_665]


def test_the_table_of_endpoints_in_the_notebook_shows_the_published_medians(trace):
    table = endpoints_of_month(trace).set_index("endpoint")
    assert table[["calls", "median_units_in", "median_units_out"]].T.to_dict("list") == {
        "conv": [19_366, 1_020, 129], "code": [8_819, 1_469, 13],
    }  # fmt: skip
    words = endpoint_words(endpoints_of_month(trace))
    assert words["median units in"].tolist() == ["1,020", "1,469"] and words["median units out"].tolist() == ["129", "13"]


@pytest.mark.parametrize(
    "question", [alarms_of_study, concurrent_by_month, after_errors, latency_by_group, marked_days, migration_of_study, incidents_compared, headroom]
)
def test_what_a_trace_without_outcomes_cannot_tell_is_said_kindly(trace, question):
    answer = question(trace)
    assert isinstance(answer, NotMeasurable)
    assert re.search("map what the source has|add hosts|add incidents|wait until eight weeks", str(answer))


def test_all_calls_stand_at_their_minute(trace):
    calls = trace.requests()
    minutes = calls.group_by(minute=calls.occurred_at.truncate("m")).aggregate(calls=calls.count()).execute()
    assert minutes["calls"].sum() == 28_185
    assert (len(minutes), minutes["calls"].max()) == (60, 859)


def test_nothing_is_put_aside(trace):
    assert trace.quality[["check", "rows", "severity"]].values.tolist() == [
        ["call of nobody known (no call names an account)", 28_185, "kept, belongs to no account"]
    ]


def test_only_the_volume_can_be_measured_and_the_month_is_not_over(answers):
    measured = {m for m, found in answers.items() if not isinstance(found, NotMeasurable)}
    assert measured == {"requests_per_minute", "top_endpoints_share"}
    assert all(answers[m]["value"].isna().all() for m in measured)


def test_calls_without_a_status_are_neither_available_nor_free_of_errors(answers):
    for metric in ("availability", "errors_per_minute"):
        assert str(answers[metric]) == (
            f'{CATALOG[metric].name} is not measurable: no row of "requests" fills "status"; map what the source has '
            "for it under tables.requests.columns in the workbook file."
        )
    assert '"account_id" and "status"' in answers["daily_active_accounts"].reason


def test_every_metric_that_is_not_measurable_says_what_to_add(answers):
    for metric, found in answers.items():
        if isinstance(found, NotMeasurable):
            assert "in the workbook file." in found.reason, metric


def test_the_map_and_the_blind_spots_say_the_same(trace, answers):
    measured = catalog_map(trace).set_index("id")["measured"]
    assert measured.to_dict() == {m: not isinstance(found, NotMeasurable) for m, found in answers.items()}
    spots = blind_spots(trace).set_index("name")["remedy"]
    assert spots["Availability"] == answers["availability"].reason
    assert spots["first success"] == "no row of requests fills account_id and status: map it"
    assert touchpoint_map(trace)["events"].isna().all()  # cannot be measured; not zero


def test_the_walk_shows_these_numbers_and_this_workbook_file():
    text = WALK.read_text(encoding="utf-8")
    numbers = set(re.findall(r"(?<![\w.:/-])\d{1,3}(?:,\d{3})+(?!\w)", text))
    assert numbers == {
        "28,185", "8,819", "19,366", "1,469", "1,020", "18,059,974", "245,896", "22,361,870", "4,088,665",
    }  # fmt: skip
    for phrase in ("| code | 8,819 | 1,469 | 13 |", "| conv | 19,366 | 1,020 | 129 |", "60 minutes", "859 calls"):
        assert phrase in text, phrase
    settings = [line.split("#")[0].rstrip() for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    shown = [line.strip() for line in text.splitlines()]
    assert not [line for line in settings if line.strip() and line.strip() not in shown]
