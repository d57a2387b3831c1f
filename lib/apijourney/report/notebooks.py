"""Which notebooks make the report, and what may each be told?

Unit: one notebook. Only parameters a notebook declares are passed, and only texts, numbers and
truth values: anything else would change its type on the way, silently.
"""

import ast
import json
from pathlib import Path

from apijourney.errors import WorkbookError, unknown

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_WORDS = {"true": True, "false": False, "yes": True, "no": False}
GIVEN = ("workbook", "month")


def find_notebooks(folder: Path, names: list[str] | None = None) -> list[Path]:
    """List the notebooks to run, in the order of their numbers.

    folder : where they are, as `NN_name.ipynb`. names : some of them, without the ending; all by default.
    """
    found = {p.stem: p for p in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))}
    if not found:
        raise WorkbookError(
            f'{folder}: there is no notebook such as 02_funnel.ipynb; give their folder with --notebooks-dir.'
        )
    for name in names or ():
        if name not in found:
            raise unknown("notebook", name, found, where="--notebooks")
    return [path for stem, path in found.items() if not names or stem in names]


def read_parameters(source: Path) -> dict[str, str]:
    """Read which parameters a notebook declares: name → type, as annotated or as its default is.

    They stand in the first cell tagged "parameters", one assignment a line.
    """
    try:
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
        lines = ast.parse("".join(tagged[0]["source"])).body if tagged else []
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        raise WorkbookError(f"{source}: it cannot be read as a notebook; mend or remove it.") from None
    found = {}
    for line in lines:
        if isinstance(line, ast.AnnAssign):
            found[line.target.id] = ast.unparse(line.annotation)
        elif isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            found[line.targets[0].id] = type(line.value.value).__name__
    return found


def choose_parameters(declared: dict[str, dict[str, str]], given: dict, extra: dict[str, str]) -> dict[str, dict]:
    """Decide what each notebook is told.

    declared : from `read_parameters`. given : workbook and month, which every notebook must declare.
    extra : name → text as typed; each must be declared by one notebook at least.

    Raises
    ------
    WorkbookError : for a name no notebook declares, or a text that does not fit the declared type.
    """
    for notebook, known in declared.items():
        for name in given:
            if name not in known:
                raise WorkbookError(
                    f'{notebook}: it declares no parameter "{name}"; add it to the cell tagged "parameters".'
                )
    everywhere = {name for known in declared.values() for name in known}
    for name in extra:
        if name in GIVEN:
            raise WorkbookError(f'--parameter {name}: "{name}" is given with --{name}; use that.')
        if name not in everywhere:
            raise unknown("parameter", name, everywhere - set(GIVEN), where="--parameter")
    return {
        notebook: given | {n: typed(n, text, known[n]) for n, text in extra.items() if n in known}
        for notebook, known in declared.items()
    }


def typed(name: str, text: str, kind: str):
    """Read a text as the type a notebook declares.

    >>> typed("months_back", "6", "int"), typed("segment", "startup", "str")
    (6, 'startup')
    """
    wanted = _TYPES.get(kind, str)
    try:
        return _WORDS[text.lower()] if wanted is bool else wanted(text)
    except (ValueError, KeyError):
        words = {"int": "a whole number", "float": "a number", "bool": "true or false"}
        raise WorkbookError(f'--parameter {name}: expected {words[kind]}, not "{text}".') from None
