"""The settings of one table in the workbook file: where it is, how it is written, which of its columns is which.

It is what a company has to say of a table whose files or columns are named or written otherwise than the
canonical ones. Each setting is checked here by itself; the files are not opened.
"""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from apijourney.errors import did_you_mean
from apijourney.localtime import zone_info

FORMATS = (
    "parquet", "csv", "jsonl", "lines", "duckdb", "common", "combined", "aws_api_gateway", "kong", "envoy",
)  # fmt: skip
SERIAL = ("unix", "unix_ms", "excel")
"""Instants written as a number: seconds or milliseconds since 1970, days as a spreadsheet counts them."""
_Value = str | int | bool


class Strict(BaseModel):
    """Settings of which each has a name that is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSource(Strict):
    """Where a canonical column comes from: a source column, the same value for every row, or the file's name.

    format : how an instant, date or month is written, "%d.%m.%Y", or one of SERIAL
    decimal : what separates the decimals of a number; the other of point and comma then separates thousands.
        Empty: a point, and no thousands are set apart
    values : what stands in the source → what it means here; whatever is not named stays
    """

    column: str = ""
    value: str | int | bool | None = None
    file: str = ""
    format: str = ""
    unit: Literal["minor", "major"] = "minor"
    decimal: Literal["", ".", ","] = ""
    values: dict[str, str | int | bool] = Field(default_factory=dict)

    @field_validator("format")
    @classmethod
    def _a_way_to_write(cls, value: str):
        if value and "%" not in value and value not in SERIAL:
            raise ValueError(
                f'"{value}" is no way to write a date; write it as "%Y-%m-%d %H:%M:%S", or one of {", ".join(SERIAL)}'
            )
        return value

    @model_validator(mode="after")
    def _one_origin(self):
        if (self.column != "") + (self.value is not None) + (self.file != "") != 1:
            raise ValueError("give one of column, value or file")
        return self

    @field_validator("file")
    @classmethod
    def _one_group(cls, value: str):
        if value and _regular(value).groups != 1:
            raise ValueError("needs one group, in round brackets, around what is wanted")
        return value


class TableSource(Strict):
    """Where one canonical table is, and which of its columns is which.

    format : one of FORMATS, or the text of a log format (NGINX, AWS API Gateway, Envoy); needed where no
        ending tells it
    timezone : in which zone its times and days are that say none; empty = UTC
    where : source column → the value, or one of the values, a row must have to be used
    exclude : source column → a regular expression; a row whose value it finds is left out
    """

    path: str = ""
    table: str = ""
    format: str = ""
    pattern: str = ""
    timezone: str = ""
    columns: dict[str, ColumnSource] = Field(default_factory=dict)
    where: dict[str, _Value | list[_Value]] = Field(default_factory=dict)
    exclude: dict[str, str] = Field(default_factory=dict)

    @field_validator("format")
    @classmethod
    def _known(cls, value: str):
        if value and value not in FORMATS and not re.search("[$%]", value):
            raise ValueError(f'"{value}" is no format; {did_you_mean(value, FORMATS)}')
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str):
        if value:
            zone_info(value)
        return value

    @field_validator("exclude")
    @classmethod
    def _patterns(cls, value: dict[str, str]):
        for pattern in value.values():
            _regular(pattern)
        return value

    @field_validator("columns", mode="before")
    @classmethod
    def _short_form(cls, value: Any):
        if not isinstance(value, dict):
            return value
        return {k: {"column": v} if isinstance(v, str) else v for k, v in value.items()}

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str):
        if value and not _regular(value).groupindex:
            raise ValueError("names no group; write (?P<column>…) for each column")
        return value


def _regular(pattern: str) -> re.Pattern:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression ({error})") from None
