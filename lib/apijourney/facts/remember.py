"""What several questions of one study need is computed once.

A study never changes, so an answer that depends on it alone can be kept with it. Tables are handed
out as copies: a caller that adds a column does not change what the next one gets.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps

import pandas as pd


MOST = 256
"""A question asked in more ways than this forgets the way asked longest ago."""


def remembered(function: Callable | None = None, *, most: int = MOST) -> Callable:
    """Keep the answers of `function(study, *plain_arguments)` on the study. A copy of a study has a memory of its own.

    most : how many answers of the function are kept, those asked for last; for large answers `@remembered(most=4)`.

    >>> class Study: ...
    >>> calls = []
    >>> answer = remembered(lambda study, k=1: calls.append(k) or k * 2)
    >>> study = Study()
    >>> answer(study), answer(study), answer(study, k=3), len(calls)
    (2, 2, 6, 2)
    """

    if function is None:
        return lambda f: remembered(f, most=most)

    @wraps(function)
    def kept(study, *args, **kwargs):
        memory = study.__dict__.get("_remembered")
        if memory is None or memory["of"] != id(study):
            memory = study.__dict__["_remembered"] = {"of": id(study)}
        answers = memory.setdefault(function, OrderedDict())
        key = (args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = function(study, *args, **kwargs)
        answers.move_to_end(key)
        if len(answers) > most:
            answers.popitem(last=False)
        answer = answers[key]
        return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer

    return kept
