"""The catalogue as a page to read: `docs/metrics.md` is made by `python -m apijourney.metrics.glossary`."""

from apijourney.metrics.catalog import CATALOG

_HEAD = """# The metrics

Made from the catalogue by `python -m apijourney.metrics.glossary > docs/metrics.md`; do not edit.
Every metric has one row a month: value, 95 % interval where one exists, numerator, denominator, and
whether its window has closed. A value that is not known is empty, never zero: its window is still open, or the
data begin within a month that the metric needs whole.
"""
_MEANT = {"outages": "incidents, or requests and requests.status"}
_WHOLE_MONTH = "- **Known:** for months observed as a whole\n"


def catalogue_markdown() -> str:
    """Write the whole catalogue as Markdown: one section a dimension, one entry a metric."""
    parts = [_HEAD]
    for dimension in ("infrastructure", "product", "business"):
        parts.append(f"\n## {dimension.capitalize()}\n")
        for metric in CATALOG.values():
            if metric.dimension != dimension:
                continue
            better = {"up": "higher is better", "down": "lower is better", "none": "neither way is better"}
            parts.append(
                f"\n### {metric.name} (`{metric.id}`)\n\n"
                f"{metric.question}\n\n"
                f"- **Formula:** {metric.formula}\n"
                f"- **Unit:** {metric.unit}, of {'money' if metric.counted == 'minor units' else metric.counted}; {better[metric.direction]}; {metric.timing}\n"
                f"- **Stage:** {metric.stage}\n"
                f"{_WHOLE_MONTH if metric.whole_month else ''}"
                f"- **Needs:** {', '.join(_MEANT.get(n, n) for n in (*metric.tables, *metric.columns))}\n"
                f"- **Can be gamed by:** {metric.gameable_by}; watch: {metric.counter_metric}\n"
                f"- **Source:** {metric.source}\n"
            )
    return "".join(parts)


if __name__ == "__main__":
    print(catalogue_markdown(), end="")
