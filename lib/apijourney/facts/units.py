"""Whose is an event: an account's, a developer's or a visitor's?

Unit: a row with any of the three ids. The account counts, if the row or a link known by then names it; else the
developer, else the visitor. A link that comes later changes no row here; it is asked again at the next read.
"""

import numpy as np
import pandas as pd

from apijourney.facts.actors import IDS as _IDS
from apijourney.facts.event_table import as_frame, coded_text, micros


def units_of(frame: pd.DataFrame, visible: np.ndarray, identities, until: int | None) -> pd.Categorical:
    """Who did each row? Sorted ids and one code a row (-1: nobody). What is not visible names nobody."""
    rows = {name: coded_text(frame[name], name) for name in _IDS if name in frame}
    ids = {name: values.categories.astype("str").to_numpy(object) for name, values in rows.items()}
    if list(rows) == ["account_id"]:
        values, position = np.unique(ids["account_id"].astype(str), return_inverse=True)
        codes = np.append(position, -1)[rows["account_id"].codes]
        return pd.Categorical.from_codes(codes.astype(np.int32), pd.Index(values, dtype="str"))
    account_of, developer_of = _links(identities, until)
    choices = []  # candidate ids a row, the best kind first
    if "account_id" in rows:
        choices.append(("", "account_id", dict(zip(ids["account_id"], ids["account_id"], strict=True))))
    for name in ("developer_id", "visitor_id"):
        if name in rows:
            choices.append(("", name, account_of[name]))
    if "visitor_id" in rows:
        via = {v: account_of["developer_id"].get(d) for v, d in developer_of.items()}
        choices.append(("", "visitor_id", {v: a for v, a in via.items() if a is not None}))
    if "developer_id" in rows:
        choices.append(("developer:", "developer_id", {d: d for d in ids["developer_id"]}))
    if "visitor_id" in rows:
        choices.append(("developer:", "visitor_id", developer_of))
        choices.append(("visitor:", "visitor_id", {v: v for v in ids["visitor_id"]}))

    kind = np.full(len(frame), -1, dtype=np.int8)
    code = np.full(len(frame), -1, dtype=np.int32)
    prefixes = ["", "developer:", "visitor:"]
    known = {p: {} for p in prefixes}
    for prefix, name, meaning in choices:
        position = known[prefix]
        table = np.array(
            [position.setdefault(meaning[i], len(position)) if i in meaning else -1 for i in ids[name]]
            + [-1],
            dtype=np.int32,
        )
        found = table[rows[name].codes]
        new = visible & (code < 0) & (found >= 0)
        code[new], kind[new] = found[new], prefixes.index(prefix)
    return _merge_kinds(prefixes, known, kind, code)


def _merge_kinds(prefixes, known, kind, code) -> pd.Categorical:
    """Put accounts, developers and visitors into one sorted list of ids that keeps them apart."""
    used = {}
    for k, prefix in enumerate(prefixes):
        names = np.array(list(known[prefix]), dtype=object)
        present = np.zeros(len(names), dtype=bool)
        present[code[kind == k]] = True
        used[prefix] = (names, present)
    labels, offsets, taken = [], [], set()
    for prefix in prefixes:
        names, present = used[prefix]
        visible = set(names[present])
        clash = bool(prefix) and not taken.isdisjoint(visible)
        taken |= visible
        offsets.append(sum(len(part) for part in labels))
        labels.append(np.array([prefix + n if clash else n for n in names], dtype=object))
    every = np.concatenate(labels)
    flat = np.where(kind >= 0, code + np.array([*offsets, 0])[kind], -1)
    values, position = np.unique(every.astype(str), return_inverse=True)
    merged = np.append(position, -1)[flat]
    return pd.Categorical.from_codes(merged.astype(np.int32), pd.Index(values, dtype="str"))


def _links(identities, until: int | None) -> tuple[dict[str, dict], dict]:
    """Which account does a developer or a visitor belong to, and which developer is a visitor?"""
    account_of = {"developer_id": {}, "visitor_id": {}}
    if identities is None:
        return account_of, {}
    links = as_frame(identities, "identities", ()).copy()
    if "linked_at" in links:
        at = micros(links, "linked_at", "identities", nulls=True)
        links = links.assign(linked_at=at)
        if until is not None:
            links = links[at < until]
    by = [c for c in ("linked_at", *_IDS) if c in links]
    links = links.astype({c: "str" for c in _IDS if c in links}).sort_values(by)

    def first(key: str, value: str) -> dict:
        if key not in links or value not in links:
            return {}
        pairs = links[[key, value]].dropna().drop_duplicates(key)
        return dict(zip(pairs[key], pairs[value], strict=True))

    account_of = {key: first(key, "account_id") for key in account_of}
    return account_of, first("visitor_id", "developer_id")
