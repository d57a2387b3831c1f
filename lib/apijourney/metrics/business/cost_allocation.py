"""Who causes a cost that names nobody?

Unit: a cost line, laid out over accounts to the cent. The rule is stated and simple: what runs the API
goes by use, what helps people goes by tickets. A rule is a convention, no measurement: another one gives
other accounts the same total.
"""

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.money.lines import whole_minor

NOBODY = "(nobody)"
"""Where a cost stays that no account caused: calls with rejected keys, or a month without tickets."""


def split_by_weight(amount: int, weights: np.ndarray) -> np.ndarray:
    """Split whole minor units in proportion to weights, so that the parts add up exactly.

    Each part is its exact share rounded down; the cents left over go to the largest remainders, ties to
    the earlier. A negative amount is split like its positive twin.

    >>> split_by_weight(100, np.array([1, 1, 1])).tolist(), split_by_weight(-5, np.array([3, 1])).tolist()
    ([34, 33, 33], [-4, -1])
    """
    weights = np.asarray(weights, float)
    exact = abs(int(amount)) * (weights / weights.sum())
    parts = np.floor(exact).astype("int64")
    left = abs(int(amount)) - int(parts.sum())
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[:left]] += 1
    return int(np.sign(amount)) * parts


def allocate(lines: pd.DataFrame, use: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Lay the costs of serving out over accounts.

    Parameters
    ----------
    lines : month, category, account_id, endpoint (null where the line names none), minor (integer minor
        units). Only the categories infrastructure and support are laid out.
    use : month, account_id, endpoint, weight: calls, or milliseconds of calls. A null account_id is a call
        that no account owns.
    tickets : month, account_id, tickets.

    The rule. A line that names an account is that account's. Infrastructure that names an endpoint is split by
    the use of that endpoint in the month, and by the use of all where the endpoint had none; other
    infrastructure by the use of all endpoints; support by tickets opened in the month. What finds no weight
    stays with nobody.

    Returns
    -------
    month, account_id ("(nobody)" for what no account caused), category, endpoint (null where the line names
    none), minor (int64). The parts of each line add up to it, to the cent.

    >>> lines = pd.DataFrame({"month": ["2026-10"], "category": ["infrastructure"], "account_id": [None],
    ...                       "endpoint": [None], "minor": [100]})
    >>> use = pd.DataFrame({"month": ["2026-10"] * 2, "account_id": ["a", "b"], "endpoint": ["/x"] * 2, "weight": [3, 1]})
    >>> allocate(lines, use, pd.DataFrame(columns=["month", "account_id", "tickets"]))[["account_id", "minor"]]
      account_id  minor
    0          a     75
    1          b     25
    """
    required(lines, ["month", "category", "account_id", "endpoint", "minor"], where="allocate(lines)")
    lines = lines[lines["category"].isin(["infrastructure", "support"])]
    lines = lines.groupby(["month", "category", "account_id", "endpoint"], dropna=False, as_index=False)["minor"].sum()
    whole_minor(lines["minor"], where="allocate(lines)")
    use = use.assign(account_id=use["account_id"].fillna(NOBODY))
    by_endpoint = _weights(use, ["month", "endpoint"], "weight")
    by_month = _weights(use, ["month"], "weight")
    by_ticket = _weights(tickets.assign(account_id=tickets["account_id"].fillna(NOBODY)), ["month"], "tickets")
    nobody = np.array([NOBODY], dtype=object), np.ones(1)
    parts = []
    for line in lines.itertuples(index=False):
        if not pd.isna(line.account_id):
            found = np.array([line.account_id], dtype=object), np.ones(1)
        elif line.category == "support":
            found = by_ticket.get((line.month,), nobody)
        else:
            found = by_endpoint.get((line.month, line.endpoint), by_month.get((line.month,), nobody))
        parts.append((line, found[0], split_by_weight(line.minor, found[1])))
    size = [len(minor) for _, _, minor in parts]
    table = pd.DataFrame(
        {
            name: pd.Series(np.repeat(np.array([getattr(line, name) for line, _, _ in parts], dtype=object), size))
            for name in ("month", "category", "endpoint")
        }
    )
    table["account_id"] = np.concatenate([ids for _, ids, _ in parts]) if parts else []
    table["minor"] = np.concatenate([minor for _, _, minor in parts]).astype("int64") if parts else np.zeros(0, "int64")
    table = table[table["minor"] != 0].reset_index(drop=True)
    return table.astype({"month": "str", "category": "str", "account_id": "str"})[
        ["month", "account_id", "category", "endpoint", "minor"]
    ]


def _weights(table: pd.DataFrame, by: list[str], weight: str) -> dict[tuple, tuple[np.ndarray, np.ndarray]]:
    """Group → the accounts of it, in order, and their weights; only those above 0."""
    sums = table.groupby([*by, "account_id"], as_index=False)[weight].sum()
    sums = sums[sums[weight] > 0].reset_index(drop=True)
    ids, weights = sums["account_id"].to_numpy(dtype=object), sums[weight].to_numpy(float)
    groups = sums.groupby(by).indices
    return {key if isinstance(key, tuple) else (key,): (ids[at], weights[at]) for key, at in groups.items()}
