"""Imports point one way only: each floor of the library imports from the floors before it."""

import ast
from pathlib import Path

import pytest

import apijourney

LIBRARY = Path(apijourney.__file__).parent

FLOORS = [
    {"errors", "columns", "measurable", "localtime", "formats"},
    {"workbook_places"},
    {"workbook_mistakes", "workbook_tables"},
    {"workbook"},
    {"workbook_reference"},
    {"sources"},
    {"facts"},
    {"metrics"},
    {"figures", "readings"},
    {"notebook"},
    {"explore"},
    {"exercises"},
    {"report"},
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}
# The simulator knows no metric and no workbook, so that it cannot flatter them.
HEIGHT["simulate"] = 1


def rooms_imported(source: str) -> set[str]:
    """The second names of all `apijourney.…` imports, wherever in the file they stand."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("apijourney.")}
    return found


def upward(room: str, source: str) -> set[str]:
    """The rooms that a file of `room` imports although they lie on its floor or above it."""
    height = HEIGHT[room]
    return {other for other in rooms_imported(source) - {room} if HEIGHT.get(other, len(FLOORS)) >= height}


FILES = [p for p in sorted(LIBRARY.rglob("*.py")) if p.parent != LIBRARY or p.stem in HEIGHT]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIBRARY)))
def test_file_imports_only_from_the_floors_below(path):
    room = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
    # A file inside a floor may use its own folder; floor 0 is flat, so its files may use each other.
    if HEIGHT[room] == 0:
        assert rooms_imported(path.read_text(encoding="utf-8")) <= FLOORS[0]
    else:
        assert upward(room, path.read_text(encoding="utf-8")) == set()


def test_every_room_has_a_floor():
    rooms = {p.name.removesuffix(".py") for p in LIBRARY.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__"} == set(HEIGHT)


def test_an_import_against_the_way_is_seen_in_each_of_its_spellings():
    assert upward("metrics", "from apijourney.figures.style import use_style") == {"figures"}
    assert upward("metrics", "import apijourney.report.page") == {"report"}
    assert upward("metrics", "def f():\n    from apijourney import explore") == {"explore"}
    assert upward("metrics", "from apijourney import funnel") == {"funnel"}
    assert upward("metrics", "from apijourney.facts.study import Study\nimport pandas") == set()
    assert upward("simulate", "from apijourney.workbook import load_workbook") == {"workbook"}


def test_metrics_neither_draw_nor_ask_the_clock():
    wanted = {"matplotlib", "seaborn", "IPython", "ipywidgets"}
    for path in sorted((LIBRARY / "metrics").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        calls = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
        assert not names & wanted, path
        assert not calls & {"now", "today", "utcnow"}, path
