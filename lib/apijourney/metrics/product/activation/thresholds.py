"""Activation threshold: how much early use marks the accounts that stay?

Unit: an account that is compared in `early_use`. A candidate is a behaviour, a number of first days and a
least count: "active days: 3 or more in the first 7 days". The best one is chosen on the accounts that
signed up earlier, and judged once on those that signed up later, because a winner looks too good on the
data it won on. It is an association: accounts that are going to stay may simply begin with more.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.product.association import association
from apijourney.metrics.product.activation.early_use import BEGIN_DAYS, behaviour_of, behaviours, early_use
from apijourney.metrics.uncertainty import wilson

LEAST_COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)
LEAST_ACCOUNTS = 20  # in each of the two groups
P_LIMIT = 0.05
DRAWS = 999
SHARE_EARLIER = 0.5
_MOST_NUMBERS = 20_000_000  # of outcomes dealt anew at once: 160 MB
CHOSEN, IN_USE = "chosen on the earlier sign-ups", "the workbook file's “activated”"


@remembered
def thresholds(study) -> pd.DataFrame | NotMeasurable:
    """Which candidates go together with staying, among the accounts that signed up earlier?

    Returns the table of `search_thresholds`, or `NotMeasurable` where too few accounts were followed.
    """
    found = early_use(study)
    if isinstance(found, NotMeasurable):
        return found
    table = search_thresholds(found)
    if table.empty:
        return NotMeasurable(
            "The activation threshold",
            f"no early behaviour splits the accounts followed to day 56 into groups of {LEAST_ACCOUNTS} or more; "
            "choose a later month.",
        )
    return table


def search_thresholds(accounts: pd.DataFrame, *, share_earlier: float = SHARE_EARLIER, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Rank the candidates on the accounts that signed up earlier, chance being allowed for once for all of them.

    Parameters
    ----------
    accounts : as from `early_use`: opened_day, month, why_not, stayed, and counts named by `behaviour_column`.
    share_earlier : which share of the accounts compared, by day of sign-up, is the earlier part.
    draws, seed : how often `stayed` is dealt out anew among accounts of the same month of sign-up.

    Returns
    -------
    One row a candidate that leaves 20 accounts or more on both sides, the strongest first: behaviour, days
    (the first so many), least (done at least so often), reached, reached_stayed, others, others_stayed
    (accounts), strength (correlation of reaching it with staying, both less their mean in the month of
    sign-up; −1 to 1), p (how often chance makes the strongest of all candidates at least this strong: the
    family is this table). Of candidates that the same accounts reach only the earliest is kept.

    Source: Westfall and Young (1993), Resampling-Based Multiple Testing (permutation of the maximum).
    """
    before, _ = parts(accounts, share_earlier)
    y = before["stayed"].to_numpy(dtype="float64")
    names, columns = [], []
    for column in sorted(behaviours(accounts), key=lambda c: behaviour_of(c)[1]):
        counts = before[column].to_numpy()
        for least in LEAST_COUNTS:
            did = counts >= least
            if min(did.sum(), (~did).sum()) >= LEAST_ACCOUNTS:
                names.append((*behaviour_of(column), least))
                columns.append(did)
    if not columns or y.min() == y.max():
        return pd.DataFrame(columns=["behaviour", "days", "least", "strength", "p"])
    did = np.stack(columns, axis=1)
    _, first = np.unique(did, axis=1, return_index=True)
    first = np.sort(first)
    did, names = did[:, first], [names[i] for i in first]
    strength, highest = _strengths(did, y, pd.factorize(before["month"])[0], draws, seed)
    table = pd.DataFrame(names, columns=["behaviour", "days", "least"])
    reached, stayed = did.sum(axis=0), (did & (y == 1)[:, None]).sum(axis=0)
    table = table.assign(
        reached=reached, reached_stayed=stayed, others=len(y) - reached, others_stayed=int(y.sum()) - stayed,
        strength=strength, p=(1 + (highest >= strength[:, None] - 1e-12).sum(axis=1)) / (draws + 1),
    )  # fmt: skip
    table["_order"] = -table["strength"].round(9)
    table = table.sort_values(["_order", "days", "behaviour", "least"], ignore_index=True)
    return table.drop(columns="_order")


@passes_on
def strongest(table: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """The first candidates. table : from `thresholds`."""
    return table.head(most)


def _strengths(did: np.ndarray, y: np.ndarray, group: np.ndarray, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The correlation of each candidate with the outcome within groups, and the highest one of each deal."""
    rng = np.random.default_rng(seed)
    size = np.bincount(group).astype("float64")
    inside = [np.flatnonzero(group == one) for one in range(len(size))]
    centred = y - (np.bincount(group, weights=y) / size)[group]
    x = did.astype("float64")
    means = np.zeros((len(size), x.shape[1]))
    np.add.at(means, group, x)
    x -= (means / size[:, None])[group]
    scale = np.sqrt((x**2).sum(axis=0) * (centred**2).sum())

    def correlations(outcomes: np.ndarray) -> np.ndarray:
        return np.divide(outcomes @ x, scale, out=np.zeros((len(outcomes), x.shape[1])), where=scale > 1e-12)

    highest = []
    for begin in range(0, draws, block := max(1, _MOST_NUMBERS // len(y))):
        dealt = np.tile(centred, (min(block, draws - begin), 1))
        for rows in inside:
            dealt[:, rows] = rng.permuted(dealt[:, rows], axis=1)
        highest.append(correlations(dealt).max(axis=1))
    return correlations(centred[None])[0], np.concatenate(highest)


def parts(accounts: pd.DataFrame, share_earlier: float = SHARE_EARLIER) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the accounts compared by their day of sign-up: the earlier ones, and the later ones; no day is cut."""
    compared = accounts[accounts["why_not"] == ""]
    if compared.empty:
        return compared, compared
    days = compared["opened_day"].sort_values(ignore_index=True)
    border = days.iloc[min(int(len(days) * share_earlier), len(days) - 1)]
    return compared[compared["opened_day"] < border], compared[compared["opened_day"] >= border]


@remembered
def judged_thresholds(study) -> pd.DataFrame | NotMeasurable:
    """How well do the chosen threshold and the workbook's own definition tell later sign-ups apart?

    Returns one row each, in the columns of `judge`, and: which, behaviour, days, least, p_chosen (`p` of
    `search_thresholds`; NaN for the workbook's), from_day, to_day (sign-up of the accounts judged), strength
    (correlation of reaching it with staying), behind, behind_low, behind_high (how much weaker it is than the
    chosen one, 95 % by bootstrap over accounts; NaN for the chosen one), in_use (is it the workbook's?). The
    workbook's definition has no row of its own where its days go beyond the first 14, or where it is the one chosen.
    """
    table = thresholds(study)
    if isinstance(table, NotMeasurable):
        return table
    accounts, rule = early_use(study), study.workbook.definitions.activated
    best = table.iloc[0]
    candidates = [(CHOSEN, best["behaviour"], int(best["days"]), int(best["least"]), best["p"])]
    mine = ("active days", rule.within_days, rule.days)
    if rule.within_days <= BEGIN_DAYS and mine != candidates[0][1:4] and f"{mine[0]} within {mine[1]}" in accounts:
        candidates.append((IN_USE, *mine, np.nan))
    _, later = parts(accounts)
    rows = [
        {"which": which, "behaviour": behaviour, "days": days, "least": least, "p_chosen": p}
        | judge(later, behaviour, days, least)
        for which, behaviour, days, least, p in candidates
    ]
    hits = [(later[f"{r['behaviour']} within {r['days']}"] >= r["least"]).to_numpy() for r in rows]
    for row, hit in zip(rows, hits, strict=True):
        row |= weaker(hits[0], hit, later["stayed"].to_numpy(dtype=bool))
    span = {"from_day": later["opened_day"].min(), "to_day": later["opened_day"].max()}
    return pd.DataFrame(rows).assign(**span, in_use=[mine == (r["behaviour"], r["days"], r["least"]) for r in rows])


def weaker(first: np.ndarray, second: np.ndarray, stayed: np.ndarray, *, draws: int = 400, seed: int = 0) -> dict:
    """By how much does a second threshold tell those who stayed apart less well than a first one?

    first, second, stayed : True or False for each account. Returns strength (correlation of the second with
    stayed), behind (strength of the first less that of the second), behind_low, behind_high (95 %, bootstrap
    over accounts; NaN where both are the same, or one is reached by all or nobody).

    >>> weaker(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]), np.array([1, 1, 0, 0]))["behind"]
    1.0
    """
    cell = 4 * np.asarray(first, dtype=int) + 2 * np.asarray(second, dtype=int) + np.asarray(stayed, dtype=int)
    counts = np.bincount(cell, minlength=8).astype("float64")
    own = _correlations(counts[None])[0]
    if np.array_equal(first, second) or np.isnan(own).any():
        return {"strength": float(own[1]), "behind": np.nan, "behind_low": np.nan, "behind_high": np.nan}
    rng = np.random.default_rng(seed)
    drawn = _correlations(rng.multinomial(len(cell), counts / counts.sum(), size=draws).astype("float64"))
    gaps = drawn[:, 0] - drawn[:, 1]
    low, high = np.quantile(gaps[~np.isnan(gaps)], [0.025, 0.975])
    return {"strength": float(own[1]), "behind": float(own[0] - own[1]), "behind_low": float(low), "behind_high": float(high)}


def _correlations(counts: np.ndarray) -> np.ndarray:
    """The correlations of the first and of the second with the third of three bits; counts : draws × 8 cells."""
    bits = (np.arange(8)[:, None] >> np.array([2, 1, 0])) & 1
    total = counts.sum(axis=1)
    share = counts @ bits / total[:, None]
    both = np.stack([counts @ (bits[:, i] * bits[:, 2]) for i in (0, 1)], axis=1) / total[:, None]
    spread = np.sqrt(share * (1 - share))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (both - share[:, :2] * share[:, 2:]) / (spread[:, :2] * spread[:, 2:])


def judge(accounts: pd.DataFrame, behaviour: str, days: int, least: int) -> dict:
    """How much more often did the accounts that reached a threshold stay?

    accounts : from `early_use`, those compared. Returns reached, reached_stayed, reached_share, others,
    others_stayed, others_share, difference (of the two shares; low and high: 95 %, Newcombe), lift (their
    ratio; lift_low and lift_high: 95 %, score; NaN where nobody of the others stayed), p (Fisher's exact
    test). Shares, difference and lift are NaN with fewer than 20 accounts in either group.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890; Miettinen and Nurminen (1985), Statistics in
    Medicine 4, 213-226.
    """
    did = accounts[f"{behaviour} within {days}"] >= least
    stayed = accounts["stayed"].astype(bool)
    row = association(pd.DataFrame({"did": did}), stayed.to_numpy()).iloc[0]
    n, k, m, j = (int(row[c]) for c in ("exposed", "exposed_reached", "others", "others_reached"))
    from statsmodels.stats.proportion import confint_proportions_2indep  # slow to load, and rarely needed

    counts = {"reached": n, "reached_stayed": k, "others": m, "others_stayed": j}
    unknown = ["reached_share", "others_share", "difference", "low", "high", "lift", "lift_low", "lift_high", "p"]
    if min(n, m) < LEAST_ACCOUNTS:
        return counts | dict.fromkeys(unknown, np.nan)
    lift = (np.nan, np.nan, np.nan)
    if j and k:
        lift = (k / n / (j / m), *confint_proportions_2indep(k, n, j, m, compare="ratio", method="score"))
    values = [k / n, j / m, row["risk_difference"], row["low"], row["high"], *lift, row["p"]]
    return counts | dict(zip(unknown, map(float, values), strict=True))


@passes_on
def by_quarter(accounts: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Does the chosen threshold tell accounts apart in every quarter of sign-up?

    accounts : from `early_use`; judged : from `judged_thresholds`. Returns two rows a quarter of sign-up:
    quarter ("2026 Q1"), reached ("reached it" or "did not"), value (share that stayed), low, high (95 %,
    Wilson), numerator, denominator. Fewer than 20 accounts: NaN, too few to say. Earlier quarters took part
    in the choice.
    """
    best = judged.iloc[0]
    compared = accounts[accounts["why_not"] == ""]
    did = compared[f"{best['behaviour']} within {best['days']}"] >= best["least"]
    quarter = compared["opened_day"].dt.to_period("Q").astype("str").str.replace("Q", " Q")
    frame = pd.DataFrame({"quarter": quarter, "reached": np.where(did, "reached it", "did not"), "stayed": compared["stayed"].astype("int64")})
    table = frame.groupby(["quarter", "reached"])["stayed"].agg(numerator="sum", denominator="size").reset_index()
    table = table.sort_values(["quarter", "reached"], ascending=[True, False], ignore_index=True)
    low, high = wilson(table["numerator"], table["denominator"])
    enough = table["denominator"] >= LEAST_ACCOUNTS
    value = table["numerator"] / table["denominator"]
    return table.assign(value=value.where(enough), low=np.where(enough, low, np.nan), high=np.where(enough, high, np.nan))
