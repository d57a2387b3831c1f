"""How hard is a text to read?

Unit: the text of one page. The grade counts letters, words and sentences; it knows nothing of what the
words mean, and of code samples it only sees long words. It is made for English.
"""

import math
from importlib.util import find_spec

from apijourney.measurable import NotMeasurable

LEAST_WORDS = 50  # a grade of a handful of words says nothing


def reading_grade(text) -> float:
    """How many years of school does a text ask for: Coleman and Liau's index; NaN = cannot be said.

    text : of one page. Fewer than 50 words, no text, or no package textstat to count them: NaN. The index
    is one that needs no dictionary of syllables, which textstat would fetch from the internet.

    Source: Coleman and Liau (1975), Journal of Applied Psychology 60, 283-284; computed by textstat.

    >>> reading_grade("Too short.")
    nan
    """
    if not isinstance(text, str) or len(text.split()) < LEAST_WORDS or find_spec("textstat") is None:
        return math.nan
    import textstat

    return float(textstat.coleman_liau_index(text))


def why_no_grade() -> NotMeasurable | None:
    """Why the reading level is not measurable here; None where it is."""
    if find_spec("textstat") is not None:
        return None
    return NotMeasurable("The reading level of the docs", 'the Python package "textstat" is not there; install it.')
