"""How many minutes does a chapter take: its words, and a look at each figure and table.

Unit: a chapter as it stands, what is folded left out. 238 words a minute is the mean of adults who read non-fiction
silently in English (Brysbaert 2019, Journal of Memory and Language 109, 104047). Ten seconds for a figure and for a
table are our own convention. It does not know how hard a sentence is.
"""

from math import ceil

from bs4 import BeautifulSoup

WORDS_A_MINUTE = 238
SECONDS_A_FIGURE = 10
SECONDS_A_TABLE = 10


def reading_seconds(html: str) -> float:
    """Seconds to read a chapter: typed and computed prose, answers of folded questions included; cells of tables are not read.

    >>> reading_seconds("<p>one two – 5 %</p><table><tr><td>a b c</td></tr></table><details><summary>four</summary>x</details>")
    11.008403361344538
    """
    soup = BeautifulSoup(html, "html.parser")
    for folded in soup.find_all("details"):
        if folded.summary is not None:
            folded.insert_before(folded.summary.extract())
        folded.decompose()
    figures, tables = soup.find_all("img"), soup.find_all("table")
    for seen in [*figures, *tables]:
        seen.decompose()
    words = [word for word in soup.get_text(" ").split() if any(letter.isalnum() for letter in word)]
    return len(words) * 60 / WORDS_A_MINUTE + len(figures) * SECONDS_A_FIGURE + len(tables) * SECONDS_A_TABLE


def reading_minutes(html: str) -> int:
    """Whole minutes to read a chapter, begun ones counted; at least 1.

    >>> reading_minutes("<p>" + "word " * 239 + "</p>")
    2
    """
    return max(1, ceil(reading_seconds(html) / 60))
