"""Where in a workbook file does a setting stand?

A place is a list of names and positions, such as ["journey", 2, "stage"]. The content is what ruamel read, which
remembers its lines.
"""

from typing import Any


def path_in_file(content: Any, path: tuple) -> list:
    """Cut a path to what stands in the file, or should: what follows names a type, not a place."""
    out, node = [], content
    for part in path:
        if not isinstance(node, list if isinstance(part, int) else dict):
            break
        out.append(part)
        node = node.get(part) if isinstance(node, dict) else node[part]
    return out


def line_of(content: Any, path: list) -> int | None:
    """Find the line of the deepest part of a path that stands in the file."""
    line = None
    node = content
    for part in path:
        try:
            if isinstance(node, dict) and part in node:
                line = node.lc.key(part)[0] + 1
            elif isinstance(node, list) and isinstance(part, int):
                line = node.lc.item(part)[0] + 1
            else:
                break
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
