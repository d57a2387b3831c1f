"""A tiny company with three invoices, stand-in notebooks, and the command run on them."""

from contextlib import ExitStack

import emulated_stores
import nbformat
import pytest

from apijourney.report.command import main

INVOICES = """invoice_id,account_id,issued_at,service_start,service_end,amount_minor,currency,product,kind,credits_kind
i1,ada,2026-09-03T10:00:00,,,1000,USD,calls,one_off,
i2,bo,2026-10-05T10:00:00,,,2000,USD,calls,one_off,
i3,ada,2026-10-31T10:00:00,,,3000,USD,calls,one_off,
"""
PARAMETERS = 'workbook: str = "sample"\nmonth: str = "latest"\nlimit: int = 3  # how many'


@pytest.fixture(scope="session")
def make_company(tmp_path_factory):
    """Write a company's workbook file and invoices; answers the path of the file."""

    def make(name="Acme & Sons", simulated=False, more=""):
        folder = tmp_path_factory.mktemp("company")
        (folder / "invoices.csv").write_text(INVOICES)
        (folder / "workbook.yaml").write_text(
            f"company: {name}\nsimulated: {str(simulated).lower()}\n{more}\n"
            "definitions: {active: {event: invoice}}\n"
        )
        return folder / "workbook.yaml"

    return make


@pytest.fixture(scope="session")
def make_notebooks(tmp_path_factory):
    """Write notebooks, name → cells; a cell is (type, source) or (type, source, tag)."""

    def make(**notebooks):
        folder = tmp_path_factory.mktemp("notebooks")
        for name, cells in notebooks.items():
            notebook = nbformat.v4.new_notebook()
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            for kind, source, *tags in [("code", PARAMETERS, "parameters"), *cells]:
                cell = getattr(nbformat.v4, f"new_{kind}_cell")(source)
                cell.metadata["tags"] = tags
                notebook.cells.append(cell)
            nbformat.write(notebook, folder / f"{name.removeprefix('nb')}.ipynb")
        return folder

    return make


@pytest.fixture(scope="session")
def facts_of_reports(tmp_path_factory):
    return tmp_path_factory.mktemp("facts")


@pytest.fixture(scope="module")
def facts(facts_of_reports):
    """A cache of facts of their own for the tests that make reports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APIJOURNEY_CACHE", str(facts_of_reports))
        yield


@pytest.fixture
def command(facts, capsys):
    """Run the command; answers exit code, what it printed and what it complained about."""

    def run(workbook, notebooks, out, *more, month="2026-10", pdf=False):
        words = ["--workbook", workbook, "--month", month, "--out", out, "--notebooks-dir", notebooks, *more]
        words += [] if pdf else ["--no-pdf"]
        code = main([str(w) for w in words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


STORES = ["local", "memory", "s3", "gcs", "azure"]


@pytest.fixture(scope="session")
def emulated():
    """Start a store's emulator once, however many tests ask for it: name → (address of its bucket, environment)."""
    running = {}
    with ExitStack() as stack:

        def start(name):
            if name not in running:
                running[name] = stack.enter_context(getattr(emulated_stores, name)())
            return running[name]

        yield start


@pytest.fixture(params=STORES)
def address(request, tmp_path, emulated, monkeypatch):
    """An empty address on the disk, one in the memory of this process, and one in each store that can be had here."""
    if request.param == "local":
        return f"file://{tmp_path}/some where"
    if request.param == "memory":
        return f"memory://reports/{tmp_path.name}"
    bucket, environment = emulated(request.param)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return f"{bucket}/{tmp_path.name}"
