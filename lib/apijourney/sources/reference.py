"""The canonical tables as a page to read: `docs/tables.md` is made by `python -m apijourney.sources.reference`."""

from apijourney.sources.contracts import CONTRACTS

_HEAD = """# The canonical tables

Made from the contracts by `python -m apijourney.sources.reference > docs/tables.md`; do not edit.
All tables are optional but one of accounts, touchpoints, requests or invoices. Columns in bold are
needed where the table is there; the others may be missing. Instants are UTC; a time without a zone is
read as UTC, or in the zone that the table's `timezone` names. Money is in whole minor units (cents); a column of 12.34
is read with `unit: major`. An id that reads nan, null, none or undefined is no id;
in a text file blanks around an id do not count, and 12.0 is 12.
"""

MEANINGS = {
    "account_id": "the customer; one id for all its keys and people",
    "amount_minor": "amount in whole minor units (cents)",
    "announced_at": "when users were told of it",
    "answered_at": "when the answer was given",
    "api_version": "version of the API that was called, such as v2",
    "breaking": "does code written for the version before stop working?",
    "broken_links": "how many links of the page lead nowhere",
    "category": "what it was spent on",
    "channel": "where the visit or account came from, such as search or partner",
    "close_reason": "why the account was closed, in the company's words",
    "closed_at": "when the account was closed; empty = open",
    "connections": "connections open at that moment",
    "country": "where the account is, such as DE",
    "cpu_share": "part of the processors in use, 0 to 1",
    "created_at": "when the account was opened",
    "credits_kind": "of a credit or refund: the kind of line it takes back (subscription, usage, one_off)",
    "currency": "the currency of the amount; empty = the workbook's",
    "date": "the day",
    "developer_id": "one person who signed in; an account may have several",
    "ended_at": "when it was over; empty = it goes on",
    "endpoint": "the path that was called, such as /v1/payments",
    "environment": "sandbox or production",
    "event_id": "an id of the event: tells a duplicate from a true repeat",
    "host": "name of the machine",
    "invoice_id": "the invoice the line stands on; several lines may share it",
    "is_internal": "true for the company's own and test accounts: they are left out",
    "issued_at": "when it was billed",
    "key_id": "the API key of the call",
    "kind": "a word for what sort it is",
    "latency_ms": "how long the answer took, in milliseconds",
    "linked_at": "when the ids were first known to belong together",
    "memory_share": "part of the memory in use, 0 to 1",
    "method": "the HTTP method, such as GET",
    "month": "the month it belongs to, as 2026-10",
    "name": "name of the customer, for readers",
    "occurred_at": "when it happened",
    "opened_at": "when the ticket was opened",
    "owner": "who looks after the account",
    "page": "the page's address or name",
    "plan": "the plan the account is on",
    "product": "the product it belongs to",
    "properties": "more about the event, as JSON: {\"agent\": \"crawler\"}",
    "quota_per_month": "calls the plan allows in a month",
    "rate": "what one unit of the currency is worth in the workbook's, as a decimal number",
    "received_at": "when the row arrived: what came later is not known before",
    "region": "where the call was answered, such as eu-west",
    "released_at": "when it was released",
    "request_id": "an id of the call: tells a duplicate from a true repeat",
    "resolved_at": "when the ticket was resolved; empty = open",
    "sampled_at": "when the sample was taken",
    "score": "the answer as a number",
    "scope": "what was hit, such as all or one endpoint",
    "sdk": "the client library, such as python",
    "sdk_version": "its version, such as 2.3.0",
    "segment": "a group of customers, such as enterprise",
    "service_end": "first day after the time paid for",
    "service_start": "first day of the time paid for",
    "started_at": "when it began",
    "status": "the HTTP status of the answer, 100 to 599",
    "team": "who released it",
    "text": "the text itself",
    "ticket_id": "an id of the ticket",
    "topic": "what the ticket is about",
    "touchpoint": "what was done, such as docs_view or sign_up; request, invoice, ticket, account_created and account_closed "
    "are names of other tables' rows, and get “(touchpoint)” behind them",
    "units_in": "what the call is metered by, sent, such as tokens",
    "units_out": "what the call is metered by, answered, such as tokens generated",
    "valid_from": "when this state began",
    "version": "what was released, such as v2 or python 2.3.0",
    "visitor_id": "a browser before anybody signed in, such as a cookie",
}
"""What a column means, wherever it stands."""
MEANT_IN = {
    ("accounts", "channel"): "where the account came from, such as search or partner",
    ("costs", "account_id"): "the account it was spent on, where that is known",
    ("costs", "channel"): "the channel it was spent on, for marketing and sales",
    ("costs", "endpoint"): "the endpoint it was spent on, where that is known",
    ("invoices", "kind"): "what was billed",
    ("surveys", "kind"): "what was asked: nps, csat or ces",
    ("annotations", "text"): "the note as it stands on the axis",
    ("pages", "text"): "the words of the page",
    ("fx_rates", "currency"): "the currency the rate is of",
}
"""What it means in one table, where that differs."""


def tables_markdown() -> str:
    """Write all contracts as Markdown, one section a table."""
    parts = [_HEAD]
    for contract in CONTRACTS.values():
        parts.append(f"\n## {contract.name}\n\nOne row is {contract.grain}.\n\n| column | type | meaning |\n|---|---|---|\n")
        for column, kind in contract.columns.items():
            name = f"**{column}**" if column in contract.required else column
            words = "a currency of ISO 4217" if column == "currency" else ", ".join(contract.choices.get(column, ()))
            meaning = MEANT_IN.get((contract.name, column), MEANINGS[column])
            parts.append(f"| {name} | {words or kind} | {meaning} |\n")
        if contract.one_of:
            parts.append(f"\nAt least one of {', '.join(contract.one_of)} is needed.\n")
        if contract.key:
            parts.append(f"\nRows with the same `{contract.key}` are deliveries of one; the first counts.\n")
        if contract.copies:
            parts.append(f"\nRows with the same `{contract.copies}` that are alike in every column are copies of one; one counts.\n")
        if contract.unusable:
            reasons = "; ".join(reason for reason, _, _ in contract.unusable)
            parts.append(f"\nPut aside, and counted in the report: {reasons}.\n")
    return "".join(parts)


if __name__ == "__main__":
    print(tables_markdown(), end="")
