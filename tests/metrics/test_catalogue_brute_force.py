"""Every catalogued metric against a second, slow definition on the raw rows of a simulated company.

The definitions, in brute_force, one module a dimension, read the raw tables with plain pandas and
loops: no facts, no event log, no engine. The company is small, its dirt (duplicates, late rows, test
keys, bots) is all there.
"""

import json

import numpy as np
import pandas as pd
import pytest
from brute_force import business, infrastructure, product
from brute_force.common import MONTH, MONTHS, PRODUCTS, TRANSACTIONS, UNTIL, ZONE, day_of, month_of, template_of

from apijourney import CATALOG, measure, open_study
from apijourney.simulate import simulate
from apijourney.simulate.write import write_sample

WORKBOOK = f"company: Small\ntimezone: {ZONE}\ncurrency: EUR\nobserved_from: 2025-05-01\n"
WORKBOOK += "products:\n" + "".join(f"  {name}: {json.dumps(paths)}\n" for name, paths in PRODUCTS.items())
TRANSACTION = {"environment": "production", "status_class": "2xx", "endpoint": TRANSACTIONS}
WORKBOOK += f"definitions: {{transaction: {{event: request, where: {json.dumps(TRANSACTION)}}}}}\n"
BY_DIMENSION = {"infrastructure": infrastructure, "product": product, "business": business}


def slow_definition(metric: str):
    return getattr(BY_DIMENSION[CATALOG[metric].dimension], metric, None)


def cheaper(costs: pd.DataFrame) -> pd.DataFrame:
    """A company of an eighth of the size has an eighth of the costs: else no account earns anything."""
    return costs.assign(amount_minor=costs["amount_minor"] // 8)


def charged_at_once(invoices: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """A fee for everybody who opens an account in one month: else half of no cohort is ever charged."""
    new = accounts[month_of(accounts["created_at"]) == MONTHS[0]].reset_index(drop=True)
    fees = pd.DataFrame(
        {"invoice_id": "fee_" + new["account_id"].astype(str), "account_id": new["account_id"].astype(str),
         "issued_at": new["created_at"] + pd.to_timedelta(3 + new.index.to_numpy() % 5, unit="D"), "amount_minor": 500,
         "currency": "EUR", "product": "onboarding", "kind": "one_off"}
    ).astype({"issued_at": invoices["issued_at"].dtype})  # fmt: skip
    text = ["invoice_id", "account_id", "currency", "product", "kind", "credits_kind"]
    return pd.concat([invoices.astype(dict.fromkeys(text, "object")), fees], ignore_index=True)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brute")
    write_sample(folder, seed=11, scale=0.12)
    costs = pd.read_parquet(folder / "costs.parquet")
    cheaper(costs).to_parquet(folder / "costs.parquet", index=False)
    invoices, accounts = (pd.read_parquet(folder / f"{name}.parquet") for name in ("invoices", "accounts"))
    charged_at_once(invoices, accounts).to_parquet(folder / "invoices.parquet", index=False)
    (folder / "workbook.yaml").write_text(WORKBOOK)
    return open_study(folder, month=MONTH, months_back=len(MONTHS))


@pytest.fixture(scope="module")
def raw():
    """The raw tables as pandas, cleaned row by row by the rules of the data contract."""
    tables = {n: t.to_pandas() for n, t in simulate(seed=11, scale=0.12).items()}
    tables["costs"] = cheaper(tables["costs"])
    tables["invoices"] = charged_at_once(tables["invoices"], tables["accounts"])
    accounts = tables["accounts"]
    internal = set(accounts.loc[accounts["is_internal"], "account_id"])
    accounts = accounts[~accounts["is_internal"] & (accounts["created_at"] < UNTIL)]
    for name, key in (("requests", "request_id"), ("touchpoints", "event_id")):
        rows = tables[name].drop_duplicates(key)
        early = (rows["occurred_at"] - rows["received_at"]).dt.floor("s") > pd.Timedelta(seconds=300)
        rows = rows[~early & (rows["received_at"] < UNTIL) & (rows["occurred_at"] < UNTIL)]
        rows = rows[~rows["account_id"].isin(internal)]
        tables[name] = rows.assign(month=month_of(rows["occurred_at"]), day=day_of(rows["occurred_at"]))
    requests = tables["requests"]
    requests = requests[~(requests["latency_ms"] < 0)]
    requests = requests.assign(endpoint=[template_of(path)[0] for path in requests["endpoint"]])
    tables["requests"] = requests[~requests["key_id"].fillna("").str.startswith("test_")]
    agent = tables["touchpoints"]["properties"].map(lambda p: json.loads(p).get("agent") if p else None)
    people = ~agent.isin(["crawler", "monitor", "ai_agent"])
    tables["ai_agents"] = tables["touchpoints"][agent == "ai_agent"]
    tables["touchpoints"] = tables["touchpoints"][people].sort_values("occurred_at")
    tables["accounts"] = accounts
    tables["internal"] = internal
    for name, column in (("tickets", "opened_at"), ("invoices", "issued_at"), ("surveys", "answered_at")):
        rows = tables[name]
        tables[name] = rows[(rows[column] < UNTIL) & ~rows["account_id"].isin(internal)]
    return tables


def test_every_catalogued_metric_has_a_second_definition():
    assert [metric for metric in CATALOG if not callable(slow_definition(metric))] == []


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_metric_equals_its_slow_definition_on_raw_rows(study, raw, metric):
    table = measure(study, metric)
    assert table["month"].tolist() == MONTHS
    expected = np.array(slow_definition(metric)(raw), dtype=float)
    second = 1 / 86_400 if CATALOG[metric].unit == "days" else 0  # durations count whole seconds
    np.testing.assert_allclose(table["value"], expected, rtol=1e-9, atol=second, err_msg=metric)
    assert np.isfinite(expected).any(), "the simulated company must give this metric something to measure"
