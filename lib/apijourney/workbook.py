"""The workbook file: where the data are, the journey, the definitions, the goals.

It is the one file a product manager edits. Ten lines are enough; everything else has a default. What each setting
means stands in `workbook_reference`. This module reads the file and checks it. It opens no data.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.reader import ReaderError

from apijourney.errors import WorkbookError, did_you_mean, unknown
from apijourney.formats import MINOR_DIGITS
from apijourney.localtime import zone_info
from apijourney.workbook_mistakes import mistake_sentence
from apijourney.workbook_places import line_of
from apijourney.workbook_tables import Strict, TableSource

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "workbook.yaml"
STAGES = ("discover", "evaluate", "integrate", "test", "measure", "scale", "decline")

NOT_NAMED = "not named"
"""The owner of a touchpoint of which the workbook file names none."""


class EventFilter(Strict):
    """An event of the log and the property values it must have."""

    event: str
    where: dict[str, str | int | bool | list[str | int]] = Field(default_factory=dict)


class Touchpoint(Strict):
    """One interaction of the developer journey, the events behind it, and the team that owns it."""

    touchpoint: str
    stage: Literal[STAGES]
    owner: str = NOT_NAMED
    event: str = ""
    where: dict[str, str | int | bool | list[str | int]] = Field(default_factory=dict)
    first: bool = False
    needs: str = ""

    @property
    def filter(self) -> EventFilter:
        return EventFilter(event=self.event or self.touchpoint, where=self.where)


class Activated(Strict):
    """Activated = active on so many local days within so many days of sign-up."""

    days: int = Field(default=2, ge=1)
    within_days: int = Field(default=14, ge=1)


class Bots(Strict):
    """Visitors who are no people: those whose property has one of these values."""

    property: str = "agent"
    values: list[str] = Field(default_factory=lambda: ["crawler", "monitor", "ai_agent"])


class Definitions(Strict):
    """What the words mean in this company."""

    active: EventFilter = EventFilter(
        event="request", where={"environment": "production", "status_class": "2xx"}
    )
    activated: Activated = Activated()
    transaction: EventFilter | None = None
    mrr_includes_usage: bool = True
    min_n: int = Field(default=5, ge=1)
    silence_days: int = Field(default=28, ge=1)
    bots: Bots = Bots()
    test_keys: list[str] = Field(default_factory=lambda: ["test_"])


class Charge(Strict):
    """What calls cost: minor units of the reporting currency each, beyond the free ones of an account's month."""

    price: float = Field(ge=0)
    free_calls: int = Field(default=0, ge=0)
    since: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")


class Slo(Strict):
    """What was promised."""

    availability: float = Field(default=0.999, gt=0, lt=1)
    apdex_ms: float = Field(default=300, gt=0)


DEFAULT_JOURNEY = [
    Touchpoint(touchpoint="landing_view", stage="discover"),
    Touchpoint(touchpoint="docs_view", stage="discover"),
    Touchpoint(touchpoint="sign_up", stage="evaluate"),
    Touchpoint(touchpoint="account opened", stage="evaluate", event="account_created"),
    Touchpoint(touchpoint="key_created", stage="integrate"),
    Touchpoint(touchpoint="first call", stage="integrate", event="request", first=True),
    Touchpoint(
        touchpoint="first success", stage="integrate", event="request",
        where={"status_class": "2xx"}, first=True,
    ),
    Touchpoint(
        touchpoint="production call", stage="scale", event="request",
        where={"environment": "production", "status_class": "2xx"},
    ),
    Touchpoint(touchpoint="invoice", stage="scale", event="invoice"),
    Touchpoint(touchpoint="account closed", stage="decline", event="account_closed"),
]  # fmt: skip


def _in_the_journey(step: str, info: ValidationInfo) -> str:
    known = [t.touchpoint for t in info.data.get("journey", [])]
    if "journey" in info.data and step not in known:
        raise ValueError(f'unknown step "{step}"; {did_you_mean(step, known)}')
    return step


class ReportSettings(Strict):
    """When the monthly report closes a month, and which data it refuses."""

    close_day: int = Field(default=5, ge=1, le=28)
    most_put_aside: float = Field(default=0.2, gt=0, le=1)


class Workbook(Strict):
    """The checked content of a workbook file."""

    company: str
    simulated: bool = False
    source: str = "."
    timezone: str = "UTC"
    week_starts: Literal["monday", "sunday"] = "monday"
    currency: str = "USD"
    observed_from: str = ""
    tables: dict[str, TableSource] = Field(default_factory=dict)
    products: dict[str, list[str]] = Field(default_factory=dict)
    journey: list[Touchpoint] = Field(default_factory=lambda: list(DEFAULT_JOURNEY))
    funnel: list[Annotated[str, AfterValidator(_in_the_journey)]] = Field(default_factory=list)
    definitions: Definitions = Definitions()
    tariff: dict[str, Charge] = Field(default_factory=dict)
    slo: Slo = Slo()
    goals: dict[str, float] = Field(default_factory=dict)
    owners: dict[str, str] = Field(default_factory=dict)
    scorecard: list[str] = Field(default_factory=list)
    report: ReportSettings = ReportSettings()
    path: Path = Field(default=Path("workbook.yaml"), exclude=True)

    @field_validator("tables", mode="before")
    @classmethod
    def _short_tables(cls, value: Any):
        if not isinstance(value, dict):
            return value
        return {k: {"path": v} if isinstance(v, str) else v for k, v in value.items()}

    @field_validator("currency")
    @classmethod
    def _currency_exists(cls, value: str):
        if value not in MINOR_DIGITS:
            meant = f'did you mean "{value.upper()}"?' if value.upper() in MINOR_DIGITS else 'write it as "EUR" or "USD".'
            raise ValueError(f'"{value}" is no currency of ISO 4217; {meant}')
        return value

    @field_validator("journey")
    @classmethod
    def _names_differ(cls, value: list[Touchpoint]):
        if not value:
            raise ValueError("is empty; list touchpoints, or take the line away")
        names = [t.touchpoint for t in value]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise ValueError(f'the touchpoint "{twice}" stands there twice; give each its own name')
        return value

    @field_validator("products")
    @classmethod
    def _templates_differ(cls, value: dict[str, list[str]]):
        seen: dict[str, str] = {}
        for product, templates in value.items():
            for template in templates:
                if not re.fullmatch(r"/\*|/|(/([^/{}*]|\{\w+\})+)+(/\*)?", template):
                    raise ValueError(
                        f'"{template}" is no endpoint template; write it as /v1/payments/{{id}}, with * only as the '
                        "last part"
                    )
                shape = re.sub(r"\{\w+\}", "{}", template)
                if shape in seen:
                    raise ValueError(
                        f'the template "{template}" stands under "{seen[shape]}" and under "{product}"; an endpoint '
                        "belongs to one product"
                    )
                seen[shape] = product
        return value

    @field_validator("tariff")
    @classmethod
    def _priced_calls_exist(cls, value: dict[str, Charge], info: ValidationInfo):
        products = info.data.get("products", {})
        known = ["*", *products, *(template for templates in products.values() for template in templates)]
        for name in value if "products" in info.data else ():
            if name not in known and (products or not name.startswith("/")):
                raise ValueError(f'unknown name "{name}"; {did_you_mean(name, known)}')
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str):
        zone_info(value)
        return value

    @field_validator("observed_from", mode="before")
    @classmethod
    def _a_day(cls, value: Any):
        text = str(value or "")
        try:
            return str(date.fromisoformat(text)) if text else ""
        except ValueError:
            raise ValueError(f'"{text}" is not a day such as 2025-05-01') from None

    def touchpoint(self, name: str) -> Touchpoint:
        """Return one touchpoint of the journey by name."""
        for t in self.journey:
            if t.touchpoint == name:
                return t
        raise unknown("step", name, [t.touchpoint for t in self.journey], where=self.path.name)

    @property
    def folder(self) -> Path:
        return self.path.parent

    def place(self, *names: str) -> str:
        """Say where a setting stands, for an error: "workbook.yaml line 7: tables.invoices"."""
        try:
            line = line_of(YAML(typ="rt").load(self.path.read_text(encoding="utf-8")), list(names))
        except (OSError, YAMLError):
            line = None
        return f"{self.path.name}{f' line {line}' if line else ''}: {'.'.join(names)}"


def load_workbook(path: str | Path = "sample") -> Workbook:
    """Read and check a workbook file.

    Parameters
    ----------
    path : "sample" for the simulated company, a workbook file, or a folder holding `workbook.yaml`.

    Raises
    ------
    WorkbookError : one sentence with file, line, place and remedy.

    >>> load_workbook("sample").currency
    'EUR'
    """
    file = SAMPLE if str(path) == "sample" else Path(path).expanduser()
    if file.is_dir():
        file = file / "workbook.yaml"
    if not file.is_file():
        raise WorkbookError(
            f'workbook "{path}" was not found; give the path of a workbook file, a folder that holds '
            'workbook.yaml, or "sample".'
        )
    try:
        content = YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if isinstance(error, ReaderError):
            raise WorkbookError(f"{file.name}: not a text file; write it as plain text in UTF-8.") from None
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise WorkbookError(f"{file.name}{line}: not valid YAML ({problem}); mend that line.") from None
    except UnicodeDecodeError:
        raise WorkbookError(f"{file.name}: not a text file in UTF-8; save it as UTF-8.") from None
    except RecursionError:
        raise WorkbookError(f"{file.name}: not valid YAML (nested too deeply); mend its brackets.") from None
    except ValueError as error:  # a day that no calendar has
        raise WorkbookError(f"{file.name}: not valid YAML ({error}); mend that value.") from None
    if not isinstance(content, dict):
        raise WorkbookError(f'{file.name}: expected "name: value" lines; see data/sample/workbook.yaml.')
    try:
        return Workbook.model_validate({**_plain(content), "path": file.resolve()})
    except ValidationError as error:
        raise WorkbookError(mistake_sentence(error, content, file.name, Workbook)) from None


def _plain(node: Any) -> Any:
    """Turn ruamel's containers into plain ones; YAML dates into their text."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if hasattr(node, "isoformat"):
        return node.isoformat()[:10]
    return node
