"""Which endpoint was called, and to which product does it belong?

A gateway logs paths as they came: `/v1/payments/83f1?expand=1`. Metrics count endpoints: the
templates of the workbook file, such as `/v1/payments/{id}`, each under its product. Unit: a path.
A path that fits no template is `(unmatched)`, so that stray paths do not become endpoints. Where the
workbook file names no products, paths stay as they are and belong to `(no product)`.
"""

import re

import ibis
from ibis.expr.types import StringColumn, Table

from apijourney.workbook import Workbook

UNMATCHED = "(unmatched)"
NO_PRODUCT = "(no product)"


def with_endpoints(rows: Table, workbook: Workbook, column: str = "endpoint") -> Table:
    """Put the template in the place of a raw path, and add the column `product`; it is never null."""
    if not workbook.products:
        return rows.mutate(product=ibis.literal(NO_PRODUCT))
    path = bare_path(rows[column])
    fits = [(path.re_search(pattern), template, product) for template, product, pattern in _patterns(workbook)]
    template = ibis.cases(*((hit, template) for hit, template, _ in fits), else_=UNMATCHED)
    product = ibis.cases(*((hit, product) for hit, _, product in fits), else_=NO_PRODUCT)
    known = path.notnull()
    return rows.mutate(
        **{column: known.ifelse(template, ibis.null("string"))}, product=known.ifelse(product, NO_PRODUCT)
    )


# What of an address is not its path: scheme and host; query and fragment; slashes at the end.
_NOT_PATH = [(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*", ""), (r"[?#].*$", ""), (r"(.)/+$", r"\1")]


def bare_path(address: StringColumn) -> StringColumn:
    """Leave of an address only the path: no scheme, host, query, fragment or slash at the end."""
    for pattern, kept in _NOT_PATH:
        address = address.re_replace(pattern, kept)
    return address


def product_of(path: str, workbook: Workbook) -> str:
    """The product of one path, such as a cost line names."""
    for pattern, kept in _NOT_PATH:
        path = re.sub(pattern, kept, path)
    return next((product for _, product, pattern in _patterns(workbook) if re.search(pattern, path)), NO_PRODUCT)


def _patterns(workbook: Workbook) -> list[tuple[str, str, str]]:
    """(template, product, regular expression), the most particular template first.

    Segment by segment, a literal goes before a placeholder, and that before "*" for the rest.
    """
    found = [(t, p, _pattern(t)) for p, templates in workbook.products.items() for t in templates]
    return sorted(found, key=lambda one: [_looseness(s) for s in one[0].split("/")] + [-1])


def _looseness(segment: str) -> int:
    return 2 if segment == "*" else 1 if "{" in segment else 0


def _pattern(template: str) -> str:
    """The regular expression of a template: `{name}` is one segment, `*` at the end is any rest.

    >>> re.fullmatch(_pattern("/v1/payments/{id}"), "/v1/payments/83f1") is not None
    True
    >>> re.fullmatch(_pattern("/v1/payments/{id}"), "/v1/payments/83f1/refunds") is None
    True
    """
    pieces = re.split(r"(\{[^{}/]*\}|/\*$)", template)
    return "^" + "".join(
        "[^/]+" if piece.startswith("{") else "(/.*)?" if piece == "/*" else re.escape(piece) for piece in pieces
    ) + "$"  # fmt: skip
