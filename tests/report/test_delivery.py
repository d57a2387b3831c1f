"""A report reaches its store whole, a chat is told of it, and no secret goes with either."""

import io
import json
import multiprocessing
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import fsspec
import pandas as pd
import pytest

from apijourney.errors import WorkbookError
from apijourney.report import execution, place
from apijourney.report.place import find_place
from apijourney.report.secrets import without_secrets

HELLO = [("markdown", "# Hello"), ("code", "print(month)")]
BROKEN = [("code", "1 / 0")]


def stored(address) -> dict[str, bytes]:
    store, root = fsspec.core.url_to_fs(address)
    store.invalidate_cache()
    return {p.removeprefix(root).lstrip("/"): store.cat_file(p) for p in store.find(root)} if store.exists(root) else {}


def names(address) -> list[str]:
    """What is stored, with the runs of versions left out."""
    return sorted(re.sub("versions/[0-9a-f]{12}/", "versions/*/", name) for name in stored(address))


def test_a_report_is_carried_to_its_store_whole(command, make_company, make_notebooks, address):
    code, said, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), address)
    assert (code, complaint) == (0, "")
    assert f"Report: {address}/2026-10/index.html" in said.splitlines()[-1]
    version = [f"2026-10/versions/*/{name}" for name in
               ("accounts.csv", "index.html", "metrics.csv", "metrics.json", "notebooks/01_hello.ipynb")]  # fmt: skip
    assert names(address) == ["2026-10/index.html", "2026-10/metrics.json", *version, "history.parquet", "index.html"]
    kept = stored(address)
    record = json.loads(kept["2026-10/metrics.json"])
    assert {f"2026-10/{file}" for file in record["files"]} <= set(kept), "the record leads to its own files"


def test_a_store_remembers_for_a_machine_that_forgot(command, make_company, make_notebooks, address, tmp_path, monkeypatch):
    company, notebooks = make_company(), make_notebooks(nb01_hello=HELLO)
    command(company, notebooks, address, month="2026-09")
    monkeypatch.setenv("APIJOURNEY_CACHE", str(tmp_path / "another machine"))
    invoices = company.parent / "invoices.csv"
    invoices.write_text(invoices.read_text().replace(",1000,", ",1900,"))
    code, said, _ = command(company, notebooks, address)
    assert code == 0 and "1 published number restated" in said
    assert b"September 2026" in stored(address)["index.html"] and b"October 2026" in stored(address)["index.html"]
    assert "2026-09/index.html" in stored(address), "the month before stays"
    links = re.findall(r'href="([^"]+)"', stored(address)["index.html"].decode())
    assert set(links) <= set(stored(address)) and any(re.fullmatch("2026-09/versions/[0-9a-f]{12}/metrics.csv", x) for x in links)
    code, said, _ = command(company, notebooks, address, month="2026-09")
    assert code == 0 and "is final since" in said


def test_a_month_made_again_takes_the_place_of_the_first_with_its_comments_and_history_keeps_both(
    command, make_company, make_notebooks, address
):
    company, notebooks = make_company(), make_notebooks(nb01_hello=HELLO)
    (company.parent / "notes").mkdir()
    (company.parent / "notes" / "2026-10.md").write_text("We launched in Spain.")
    assert command(company, notebooks, address)[0] == 0
    first = stored(address)
    code, said, _ = command(company, notebooks, address)
    assert code == 0 and "is final since" in said and stored(address) == first, "a final month is left alone"
    assert command(company, notebooks, address, "--restate")[0] == 0
    kept = stored(address)
    assert b"We launched in Spain." in kept["2026-10/index.html"]
    history = pd.read_parquet(io.BytesIO(kept["history.parquet"]))
    runs = [json.loads(files["2026-10/metrics.json"])["run"] for files in (first, kept)]
    assert runs[0] != runs[1] and set(history["run"]) == set(runs)
    assert set(history.loc[history["restated_at"] == "", "run"]) == {runs[1]}, "only the second still holds"
    assert not [name for name in kept if name.startswith(".")], "no lease is left"


@pytest.mark.parametrize("address", ["memory"], indirect=True)
def test_a_machine_that_comes_late_takes_nothing_from_the_history_of_another(
    command, make_company, make_notebooks, address, tmp_path, monkeypatch
):
    company, notebooks, put = make_company(), make_notebooks(nb01_hello=HELLO), place._put

    def breaks(*told):
        raise ConnectionError("gone")

    monkeypatch.setattr(place, "_put", breaks)
    assert command(company, notebooks, address, month="2026-10")[0] == 4, "made here, and waits"
    monkeypatch.setattr(place, "_put", put)
    with monkeypatch.context() as other:
        other.setenv("APIJOURNEY_CACHE", str(tmp_path / "another machine"))
        for more in ([], ["--restate"]):
            assert command(company, notebooks, address, *more, month="2026-09")[0] == 0
    assert command(company, notebooks, address, month="2026-10")[0] == 0
    history = pd.read_parquet(io.BytesIO(stored(address)["history.parquet"]))
    assert history.groupby("report_month")["run"].nunique().to_dict() == {"2026-09": 2, "2026-10": 1}
    assert history.loc[history["restated_at"] == "", "report_month"].nunique() == 2


def test_what_a_report_no_longer_holds_leaves_the_store(command, make_company, make_notebooks, address):
    company = make_company(simulated=True)
    assert command(company, make_notebooks(nb01_hello=HELLO), address)[0] == 0
    assert command(company, make_notebooks(nb01_hello=HELLO, nb02_broken=BROKEN), address)[0] == 4
    kept = stored(address)
    assert b"ZeroDivisionError" in kept["FAILED-2026-10/cause.txt"] and "FAILED-2026-10/02_broken.ipynb" in kept
    assert kept["2026-10/index.html"], "the last good report stands"
    assert command(company, make_notebooks(nb01_hello=HELLO), address)[0] == 0
    assert not [name for name in stored(address) if name.startswith("FAILED")]


def test_an_emptied_store_gets_its_reports_anew_and_its_history_back(command, make_company, make_notebooks, address):
    company, notebooks = make_company(), make_notebooks(nb01_hello=HELLO)
    command(company, notebooks, address, month="2026-09")
    store, root = fsspec.core.url_to_fs(address)
    store.rm(root, recursive=True)
    code, said, _ = command(company, notebooks, address, month="2026-09")
    assert code == 0 and "is final since" not in said
    assert {"2026-09/index.html", "history.parquet"} <= set(stored(address))


def test_a_store_that_breaks_down_gets_the_report_at_the_next_call(
    command, make_company, make_notebooks, address, monkeypatch
):
    company, notebooks, put = make_company(), make_notebooks(nb01_hello=HELLO), place._put

    def breaks(store, file, path):
        if path.endswith("2026-10/index.html"):
            raise ConnectionError("gone; key=very-secret-value")
        put(store, file, path)

    monkeypatch.setenv("STORE_SECRET", "very-secret-value")
    monkeypatch.setattr(place, "_put", breaks)
    code, _, complaint = command(company, notebooks, address)
    assert code == 4 and complaint.count("\n") == 1
    assert "could not be reached or written (ConnectionError: gone; key=***); what is made waits" in complaint
    assert "2026-10/metrics.json" not in stored(address), "the record comes last"
    monkeypatch.setattr(place, "_put", put)
    code, said, _ = command(company, notebooks, address)
    assert code == 0 and "is final since" in said, "it was made before, and needed only to be carried"
    assert {"2026-10/index.html", "2026-10/metrics.json", "history.parquet", "index.html"} <= set(stored(address))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s3://me:secret@bucket/x", "an address must carry no user, key or password; put them into the environment"),
        ("https://store/x?sig=secret", "an address must carry no user, key or password"),
        ("nothing://bucket/x", "nothing:// is no store that is known"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_secret(address, sentence):
    with pytest.raises(WorkbookError) as caught:
        find_place(address)
    assert sentence in str(caught.value) and "secret" not in str(caught.value).replace("put them", "")


def test_a_store_whose_library_is_missing_is_named_with_its_remedy(monkeypatch):
    def missing(protocol):
        raise ImportError("Install s3fs")

    monkeypatch.setattr(place.fsspec, "get_filesystem_class", missing)
    with pytest.raises(WorkbookError, match=r"pip install -e '\.\[s3\]'"):
        find_place("s3://bucket/reports")


@pytest.fixture
def chat(monkeypatch):
    """A chat on this machine that keeps what it is told; `status` is what it answers."""

    class Chat(BaseHTTPRequestHandler):
        told, status = [], 200

        def do_POST(self):
            Chat.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(Chat.status)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("APIJOURNEY_WEBHOOK", f"http://127.0.0.1:{server.server_port}/services/T0/very-secret-path")
    yield Chat
    server.shutdown()
    server.server_close()


def test_the_chat_is_told_of_a_report_in_its_own_words_and_calls_nobody(command, make_company, make_notebooks, tmp_path, chat):
    company = make_company(name='"<!channel> & Sons"')
    assert command(company, make_notebooks(nb01_hello=HELLO), tmp_path)[0] == 0
    (message,) = chat.told
    assert set(message) == {"text"}
    assert message["text"].startswith("&lt;!channel&gt; &amp; Sons, October 2026 (final)")
    assert "Revenue was USD 50" in message["text"].replace("\u00a0", " ")
    assert message["text"].splitlines()[-1] == f"Report: {tmp_path / '2026-10' / 'index.html'}"
    command(company, make_notebooks(nb01_hello=HELLO), tmp_path)
    assert len(chat.told) == 1, "a final month that was not made again is no news"


def test_the_chat_is_told_that_there_is_no_report_and_why(command, make_company, make_notebooks, tmp_path, chat):
    assert command(make_company(), make_notebooks(nb01_broken=BROKEN), tmp_path)[0] == 4
    assert command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path, "-p", "limt=1")[0] == 2
    failed, mistaken = (message["text"] for message in chat.told)
    assert failed.startswith("No API product report (4): 01_broken failed") and "ZeroDivisionError" in failed
    assert mistaken.startswith("No API product report (2): ") and 'did you mean "limit"?' in mistaken


def test_a_chat_that_does_not_answer_harms_no_report(command, make_company, make_notebooks, tmp_path, chat, monkeypatch):
    chat.status = 500
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "a")
    assert (code, complaint) == (0, "The webhook was not told: it answered with status 500.\n")
    for nowhere in ("http://127.0.0.1:9/very-secret-path", "very-secret-path"):
        monkeypatch.setenv("APIJOURNEY_WEBHOOK", nowhere)
        code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / nowhere[-4:], "--restate")
        assert code == 0 and complaint.startswith("The webhook was not told: ") and "secret-path" not in complaint


def test_no_secret_of_the_environment_is_in_any_byte_that_is_published(
    command, make_company, make_notebooks, tmp_path, chat, monkeypatch
):
    secrets = {"AWS_SECRET_ACCESS_KEY": "aws-hidden-1234", "WAREHOUSE_PASSWORD": "pass-hidden-1234", "API_TOKEN": "tok-hidden-1234"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(execution, "_context", lambda: multiprocessing.get_context("spawn"))  # which sees them, too
    shows = [*HELLO, ("code", "import os\nprint(os.environ['API_TOKEN'])")]
    hidden = [*secrets.values(), "very-secret-path"]
    leaks = [("code", "import os\nraise ValueError(os.environ['WAREHOUSE_PASSWORD'])")]
    company, told = make_company(simulated=True), []
    told += command(company, make_notebooks(nb01_hello=shows), tmp_path)
    told += command(company, make_notebooks(nb01_hello=shows, nb02_leaks=leaks), tmp_path)
    assert "ValueError: ***" in told[-1] and "***" in (tmp_path / "2026-10" / "index.html").read_text()
    files = [f for f in tmp_path.rglob("*") if f.is_file()]
    assert len(files) > 8 and any("FAILED" in str(f) for f in files)
    for secret in hidden:
        assert not [f.name for f in files if secret.encode() in f.read_bytes()]
        assert secret not in str(told) and secret not in str(chat.told)


def test_only_values_whose_names_speak_of_a_secret_are_hidden(monkeypatch):
    monkeypatch.setenv("MONKEY", "a monkey")
    monkeypatch.setenv("MY_API_KEY", "abcdefgh")
    monkeypatch.setenv("SHORT_TOKEN", "true")
    monkeypatch.setenv("PIN_KEY", "12345678")  # a number could be any number of the report
    assert without_secrets("a monkey, abcdefgh, true, 12345678") == "a monkey, ***, true, 12345678"
