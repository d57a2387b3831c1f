"""An exercise: a question, the expected answer, a hint, a solution, and a check that never raises.

Three states: not attempted, not yet right, right. The expected answer is computed by the library,
so it stays right when the data change; so are the answers of the mistakes people make, each with a hint of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from apijourney.measurable import NotMeasurable


@dataclass(frozen=True)
class Told:
    """A line of Markdown that a notebook shows."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Question:
    """One exercise.

    ask : the task in a sentence. expected : computes the right answer. hint : the next thought, not
    the answer. solution : the code that answers. within : how far a number may be off. mistakes : what computes
    a likely wrong answer → what went wrong. share : the answer is a share, and somebody may write it in per cent.
    """

    ask: str
    expected: Callable[[], object]
    hint: str
    solution: str
    within: float = 1e-6
    mistakes: tuple[tuple[Callable[[], object], str], ...] = ()
    share: bool = False

    def check(self, answer=None) -> Told:
        """Compare an answer with the expected one and say which of the three states it is."""
        if answer is None or answer is ...:
            return Told("**Not attempted yet.** Put your answer in place of `None` and run the cell again.")
        try:
            right = self.expected()
            if isinstance(right, NotMeasurable):
                return Told(f"This exercise needs other data: {right}")
            same = self._same(answer, right)
        except (TypeError, ValueError):
            same = False
        if same:
            return Told("**Right.**")
        return Told(f"**Not yet.** {self._mistake(answer, right) or f'Hint: {self.hint}'}")

    def _mistake(self, answer, right) -> str:
        """What most likely went wrong, as a sentence; empty where it is not known."""
        for wrong, what in self.mistakes:
            found = wrong()
            if not isinstance(found, NotMeasurable) and self._matches(answer, found):
                return what
        if isinstance(right, str):
            return ""
        if isinstance(answer, str) and "%" in answer:
            return "Answer with a plain number, not with a text."
        if self.share and self._matches(answer, 100 * right, 100 * self.within):
            return "That is in per cent: a share of 25 % is `0.25`."
        return "The size is right, the sign is not." if right and self._matches(answer, -right) else ""

    def show_hint(self) -> Told:
        """Show the hint."""
        return Told(f"Hint: {self.hint}")

    def show_solution(self) -> Told:
        """Show code that answers, and its answer."""
        return Told(f"```python\n{self.solution}\n```\n\nAnswer: `{self.expected()}`")

    def _matches(self, answer, value, within: float | None = None) -> bool:
        try:
            return self._same(answer, value, within)
        except (TypeError, ValueError):
            return False

    def _same(self, answer, right, within: float | None = None) -> bool:
        if isinstance(right, str):
            return str(answer).strip().casefold() == right.casefold()
        return bool(np.isclose(float(answer), float(right), rtol=0, atol=self.within if within is None else within))
