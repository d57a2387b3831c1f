"""When do things happen at the simulated company: which local days, which hours?

Unit: the local day, numbered from the first day of the data. All instants are UTC microseconds.
"""

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from apijourney.errors import WorkbookError
from apijourney.localtime import day_starts, local_days, local_time

ZONE = "Europe/Berlin"
FIRST_MONTH = np.datetime64("2025-05", "M")
SECOND, MINUTE, HOUR, DAY = 10**6, 60 * 10**6, 3600 * 10**6, 86_400 * 10**6
NEVER = np.iinfo(np.int64).max

_OFFICE = np.array([2, 1, 1, 1, 1, 2, 5, 14, 38, 62, 70, 66, 48, 55, 68, 66, 58, 44, 28, 18, 15, 13, 9, 5], float)
PEOPLE = _OFFICE / _OFFICE.sum()
MACHINES = 0.45 / 24 + 0.55 * PEOPLE


def generator(seed: int, topic: str) -> np.random.Generator:
    """Return the random stream of one topic, so that a change in one leaves the others alone."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def micros(local: str) -> int:
    """Return the UTC microseconds of a local day or minute, such as "2026-02-10T09:00"."""
    wall = np.datetime64(local, "us")
    day = wall.astype("datetime64[D]")
    return int(day_starts(np.array([day]), ZONE)[0] + (wall - day.astype("datetime64[us]")).astype("int64"))


@dataclass(frozen=True)
class Span:
    """The observed months: whole local months from the first one on."""

    months: int = 18

    def __post_init__(self):
        if not 1 <= self.months <= 120:
            raise WorkbookError(f"simulate: months is {self.months}; give a number from 1 to 120.")

    @cached_property
    def days(self) -> np.ndarray:
        """The local days, datetime64[D]."""
        return np.arange(FIRST_MONTH.astype("datetime64[D]"), (FIRST_MONTH + self.months).astype("datetime64[D]"))

    @cached_property
    def day_starts(self) -> np.ndarray:
        """First instant of each local day, and the end of the last one."""
        return day_starts(np.append(self.days, self.days[-1] + 1), ZONE)

    @cached_property
    def month_of_day(self) -> np.ndarray:
        return (self.days.astype("datetime64[M]") - FIRST_MONTH).astype(int)

    @cached_property
    def month_starts(self) -> np.ndarray:
        """First instant of each local month, and the end of the last one."""
        firsts = (FIRST_MONTH + np.arange(self.months + 1)).astype("datetime64[D]")
        return day_starts(firsts, ZONE)

    @property
    def start(self) -> int:
        return int(self.day_starts[0])

    @property
    def end(self) -> int:
        return int(self.day_starts[-1])

    @cached_property
    def weekend(self) -> np.ndarray:
        return (self.days.astype("datetime64[D]").astype(int) + 3) % 7 >= 5

    @cached_property
    def season(self) -> np.ndarray:
        """How busy a day is in the year: a dip at the turn of the year, a small one in August."""
        month = self.days.astype("datetime64[M]").astype(int) % 12 + 1
        day = (self.days - self.days.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
        turn = ((month == 12) & (day >= 20)) | ((month == 1) & (day <= 3))
        return np.where(turn, 0.5, np.where(month == 8, 0.88, np.where(month == 12, 0.92, 1.0)))

    def month_name(self, month: int) -> str:
        return str(FIRST_MONTH + month)

    def instants(self, rng: np.random.Generator, day: np.ndarray, hours: np.ndarray) -> np.ndarray:
        """Draw one instant on each numbered day by the profile of hours, to the millisecond."""
        hour = np.searchsorted(hours.cumsum(), rng.random(len(day)) * 0.999999, side="right")
        within = hour * HOUR + rng.integers(0, 3_600_000, len(day)) * 1000
        length = self.day_starts[day + 1] - self.day_starts[day]
        return self.day_starts[day] + within % length

    def day_of(self, instant: np.ndarray) -> np.ndarray:
        """Number of the local day of each instant; negative before the first."""
        return (local_days(np.asarray(instant, dtype="int64"), ZONE) - self.days[0]).astype(int)

    def to_working_hours(self, rng: np.random.Generator, instant: np.ndarray) -> np.ndarray:
        """Move an instant that falls into the local night to the same local day's working hours."""
        wall = local_time(instant, ZONE)
        hour = wall % DAY // HOUR
        night = (hour < 7) | (hour > 21)
        moved = instant + (9 - hour) * HOUR + rng.integers(0, 7 * 3_600_000, len(instant)) * 1000
        return np.where(night, moved, instant)
