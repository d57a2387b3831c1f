"""What does the whole simulated company look like, as canonical tables?"""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from apijourney.errors import WorkbookError
from apijourney.simulate.billing import draw_fx_rates, draw_invoices
from apijourney.simulate.calendar import Span, generator
from apijourney.simulate.company import Accounts, draw_accounts
from apijourney.simulate.costs import draw_costs
from apijourney.simulate.ledgers import accounts_table, history_table, identities_table
from apijourney.simulate.operations import (
    annotations_table, draw_hosts, draw_surveys, draw_tickets, incidents_table, releases_table,
)  # fmt: skip
from apijourney.simulate.pages import pages_table
from apijourney.simulate.people import draw_developers
from apijourney.simulate.plans import draw_plans
from apijourney.simulate.portal import draw_touchpoints
from apijourney.simulate.requests import requests_by_month
from apijourney.simulate.stories import Stories, null_stories


@dataclass(frozen=True)
class Simulation:
    """The tables, and the hidden state behind them that `truth` reports."""

    tables: dict[str, pa.Table]
    accounts: Accounts
    stories: Stories
    span: Span
    seed: int


def simulate(
    seed: int = 7, *, months: int = 18, stories: bool = True, scale: float = 1.0
) -> dict[str, pa.Table]:
    """Simulate one API company.

    Parameters
    ----------
    seed : the same seed gives the same company
    months : whole local months (Europe/Berlin) from 2025-05 on
    stories : False gives the null company, in which no story is planted
    scale : size of the company; 1 has about 1,600 accounts and 700,000 calls

    Returns
    -------
    Canonical table name → Arrow table. `incidents` has no rows in the null company.

    Raises
    ------
    WorkbookError : months or scale out of range.

    >>> tables = simulate(months=1, scale=0.02)
    >>> len(tables), tables["invoices"].schema.field("amount_minor").type
    (15, DataType(int64))
    """
    return run(seed, months=months, stories=stories, scale=scale).tables


def run(
    seed: int = 7, *, months: int = 18, stories: bool = True, scale: float = 1.0,
    progress: Callable[[str], None] = lambda line: None,
) -> Simulation:  # fmt: skip
    """Simulate and keep the hidden state; `progress` hears one line a table."""
    if not 0.005 <= scale <= 20:
        raise WorkbookError(f"simulate: scale is {scale}; give a number from 0.005 to 20.")
    planted = Stories() if stories else null_stories()
    span = Span(months)
    accounts = draw_accounts(span, planted, generator(seed, "accounts"), scale)
    developers = draw_developers(accounts, span, generator(seed, "developers"))
    plans = draw_plans(accounts, span, planted, generator(seed, "plans"))
    tables: dict[str, pa.Table] = {}

    def add(name: str, table: pa.Table) -> None:
        tables[name] = table
        progress(f"{name:<16}{len(table):>10,} rows")

    rng = generator(seed, "touchpoints")
    touchpoints, shuffled = draw_touchpoints(accounts, developers, plans, span, planted, rng)
    add("touchpoints", touchpoints)
    months_of_calls = list(requests_by_month(accounts, developers, plans, span, planted, seed))
    add("requests", pa.concat_tables([table for table, _ in months_of_calls]).combine_chunks())
    metered = [calls for _, calls in months_of_calls]
    add("accounts", accounts_table(accounts, plans))
    add("identities", identities_table(accounts, developers, shuffled, span))
    add("account_history", history_table(accounts, plans, span))
    add("invoices", draw_invoices(accounts, plans, span, planted, metered, generator(seed, "invoices")))
    add("costs", draw_costs(accounts, span, metered, generator(seed, "costs")))
    add("fx_rates", draw_fx_rates(span, generator(seed, "fx_rates")))
    add("tickets", draw_tickets(accounts, span, planted, generator(seed, "tickets")))
    add("surveys", draw_surveys(accounts, span, planted, generator(seed, "surveys")))
    add("hosts", draw_hosts(span, planted, generator(seed, "hosts")))
    add("pages", pages_table())
    add("incidents", incidents_table(planted, span))
    add("releases", releases_table(planted, span))
    add("annotations", annotations_table(planted, span))
    return Simulation(tables, accounts, planted, span, seed)
