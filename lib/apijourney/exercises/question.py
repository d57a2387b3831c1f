"""An exercise: a question, the expected answer, a hint, a solution, and a check that never raises.

Three states: not attempted, not yet right, right. The expected answer is computed by the library,
so it stays right when the data change.
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
    the answer. solution : the code that answers. within : how far a number may be off.
    """

    ask: str
    expected: Callable[[], object]
    hint: str
    solution: str
    within: float = 1e-6

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
        return Told(f"**Not yet.** Hint: {self.hint}")

    def show_hint(self) -> Told:
        """Show the hint."""
        return Told(f"Hint: {self.hint}")

    def show_solution(self) -> Told:
        """Show code that answers, and its answer."""
        return Told(f"```python\n{self.solution}\n```\n\nAnswer: `{self.expected()}`")

    def _same(self, answer, right) -> bool:
        if isinstance(right, str):
            return str(answer).strip().casefold() == right.casefold()
        return bool(np.isclose(float(answer), float(right), rtol=0, atol=self.within))
