"""How hard is a text to read?

Unit: the text of one page. The grade counts letters, words and sentences; it knows nothing of what the
words mean, and of code samples it only sees long words. It is made for English.
"""

import math

LEAST_WORDS = 50  # a grade of a handful of words says nothing


def reading_grade(text) -> float:
    """How many years of school does a text ask for: Coleman and Liau's index; NaN = cannot be said.

    text : of one page. Fewer than 50 words, or no text: NaN.

    >>> reading_grade("Too short."), round(reading_grade("Make this call with your test card from your desk. " * 5), 2)
    (nan, 4.76)
    """
    if not isinstance(text, str) or len(text.split()) < LEAST_WORDS:
        return math.nan
    import textstat  # it takes a second to load, and few questions ask for it

    return coleman_liau(textstat.letter_count(text), textstat.lexicon_count(text), textstat.sentence_count(text))


def coleman_liau(letters: int, words: int, sentences: int) -> float:
    """Years of school, from the letters and the sentences of a hundred words.

    It needs no dictionary of syllables. textstat counts what it needs, but weighs letters by 0.058.

    Source: Coleman and Liau (1975), Journal of Applied Psychology 60, 283-284. The abstract of that paper
    has 639 letters in 119 words and 5 sentences:

    >>> round(coleman_liau(639, 119, 5), 1)
    14.5
    """
    return 0.0588 * 100 * letters / words - 0.296 * 100 * sentences / words - 15.8
