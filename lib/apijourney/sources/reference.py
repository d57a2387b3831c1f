"""The canonical tables as a page to read: `docs/tables.md` is made by `python -m apijourney.sources.reference`."""

from apijourney.sources.contracts import CONTRACTS

_HEAD = """# The canonical tables

Made from the contracts by `python -m apijourney.sources.reference > docs/tables.md`; do not edit.
All tables are optional but one of accounts, touchpoints, requests or invoices. Columns in bold are
needed where the table is there; the others may be missing. Instants are UTC; a time without a zone is
read as UTC. Money is in whole minor units (cents); a column of 12.34 is read with `unit: major`.
`units_in` and `units_out` are what a call is metered by, such as tokens sent and generated.
An id that reads nan, null, none or undefined is no id.
"""


def tables_markdown() -> str:
    """Write all contracts as Markdown, one section a table."""
    parts = [_HEAD]
    for contract in CONTRACTS.values():
        parts.append(f"\n## {contract.name}\n\nOne row is {contract.grain}.\n\n| column | type |\n|---|---|\n")
        for column, kind in contract.columns.items():
            name = f"**{column}**" if column in contract.required else column
            words = "a currency of ISO 4217" if column == "currency" else ", ".join(contract.choices.get(column, ()))
            parts.append(f"| {name} | {words or kind} |\n")
        if contract.one_of:
            parts.append(f"\nAt least one of {', '.join(contract.one_of)} is needed.\n")
        if contract.key:
            parts.append(f"\nRows with the same `{contract.key}` are deliveries of one; the first counts.\n")
        if contract.unusable:
            reasons = "; ".join(reason for reason, _, _ in contract.unusable)
            parts.append(f"\nPut aside, and counted in the report: {reasons}.\n")
    return "".join(parts)


if __name__ == "__main__":
    print(tables_markdown(), end="")
