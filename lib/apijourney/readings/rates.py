"""Rates of groups in words, where nothing can be claimed: who lies highest and lowest, and whether that may be chance.

Unit: a group of accounts. A group of fewer than twenty is passed over: it would often be the highest or the lowest.
"""

import pandas as pd

from apijourney.formats import number, percent
from apijourney.measurable import passes_on
from apijourney.readings.findings import LEAST_ACCOUNTS

SURE = 0.05


@passes_on
def read_rates(table: pd.DataFrame, *, what: str) -> str:
    """Name the highest and the lowest group, and those that differ from all others by more than chance.

    table : from `rate_by`. what : the rate in words, with a capital letter. Empty where fewer than two groups have
    twenty accounts.
    """
    known = table[table["value"].notna() & (table["denominator"] >= LEAST_ACCOUNTS)]
    if len(known) < 2:
        return ""
    most, least = (known.loc[pick] for pick in (known["value"].idxmax(), known["value"].idxmin()))
    apart = known.loc[known["q"] < SURE, "group"]
    differ = "; no group differs from all others by more than chance"
    if len(apart):
        differ = f"; by more than chance {'differs' if len(apart) == 1 else 'differ'} {', '.join(f'“{g}”' for g in apart)}"
    return f"{what}: highest for {_group(most)}, lowest for {_group(least)}{differ} (groups of {LEAST_ACCOUNTS} accounts or more)."


def _group(row: pd.Series) -> str:
    return f"“{row['group']}” (**{percent(row['value'])}**, n = {number(row['denominator'])})"
