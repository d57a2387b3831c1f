"""What several questions of one study need is computed once.

A study never changes, so an answer that depends on it alone can be kept with it. Tables are handed
out as copies: a caller that adds a column does not change what the next one gets.
"""

from collections.abc import Callable
from functools import wraps

import pandas as pd


def remembered(function: Callable) -> Callable:
    """Keep the answer of `function(study, *plain_arguments)` on the study. A copy of a study has a memory of its own.

    >>> class Study: ...
    >>> calls = []
    >>> answer = remembered(lambda study, k=1: calls.append(k) or k * 2)
    >>> study = Study()
    >>> answer(study), answer(study), answer(study, k=3), len(calls)
    (2, 2, 6, 2)
    """

    @wraps(function)
    def kept(study, *args, **kwargs):
        memory = study.__dict__.get("_remembered")
        if memory is None or memory["of"] != id(study):
            memory = study.__dict__["_remembered"] = {"of": id(study)}
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in memory:
            memory[key] = function(study, *args, **kwargs)
        answer = memory[key]
        return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer

    return kept
