"""What the slow definitions share: the months of the small company, and which rows count."""

import math

import pandas as pd

ZONE = "Europe/Berlin"
MONTH = "2026-06"  # not the last month: what came later must not be known
MONTHS = [str(m) for m in pd.period_range("2026-02", MONTH, freq="M")]  # the first has the outages
ALL = [str(m) for m in pd.period_range("2025-05", MONTH, freq="M")]
PRODUCTS = {
    "payments": ["/v1/payments", "/v1/payments/{id}", "/v1/refunds"],
    "identity": ["/v1/identities", "/v1/identities/{id}"],
    "tides": ["/v1/tides/*"],
}
TRANSACTIONS = ["/v1/payments", "/v1/identities", "/v1/tides/*"]
UNTIL = pd.Timestamp("2026-07-01", tz=ZONE).tz_convert("UTC")


def month_of(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert(ZONE).dt.strftime("%Y-%m")


def day_of(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d")


def later(instant: pd.Timestamp, days: int) -> pd.Timestamp:
    """The same wall-clock time so many calendar days later."""
    wall = instant.tz_convert(ZONE).tz_localize(None) + pd.Timedelta(days=days)
    return wall.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")


def production_calls(raw) -> pd.DataFrame:
    requests = raw["requests"]
    return requests[requests["environment"] == "production"]


def active_calls(raw) -> pd.DataFrame:
    calls = production_calls(raw)
    return calls[calls["status"].between(200, 299) & calls["account_id"].notna()]


def created_accounts(raw) -> pd.DataFrame:
    accounts = raw["accounts"]
    begun = pd.Timestamp("2025-05-01", tz=ZONE)
    return accounts[accounts["created_at"] >= begun]


def template_of(path) -> tuple[str, str]:
    """The template of a raw path and its product, read off its parts; others are unmatched."""
    parts = path.split("?")[0].rstrip("/").split("/")[1:]
    if len(parts) < 2 or parts[0] != "v1":
        return "(unmatched)", ""
    if parts[1] == "tides":
        return "/v1/tides/*", "tides"
    product = {"payments": "payments", "refunds": "payments", "identities": "identity"}.get(parts[1], "")
    if not product or len(parts) > 3 or (parts[1] == "refunds" and len(parts) > 2):
        return "(unmatched)", ""
    return f"/v1/{parts[1]}" + ("/{id}" if len(parts) == 3 else ""), product


def minutes_of(month: str) -> float:
    period = pd.Period(month)
    start = pd.Timestamp(f"{period}-01", tz=ZONE)
    return (pd.Timestamp(f"{period + 1}-01", tz=ZONE) - start) / pd.Timedelta(minutes=1)


def share_within(starts, reaches, days: int, *, masked: bool = True) -> list[float]:
    """Of those starting in each month, the share that reached within `days`; NaN while any is open."""
    out = []
    for month in MONTHS:
        hits = n = 0
        is_open = False
        for unit, start in starts.items():
            if start.tz_convert(ZONE).strftime("%Y-%m") != month:
                continue
            deadline = later(start, days)
            if deadline >= UNTIL:
                is_open = True
                continue
            n += 1
            reached = reaches.get(unit)
            hits += reached is not None and start <= reached <= deadline
        out.append(math.nan if is_open or n == 0 else hits / n)
    return out
