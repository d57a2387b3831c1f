"""What must not be said: the secrets of the environment, in whatever this program writes.

Unit: a text. Secrets come from the environment only; a value there whose name speaks of a secret is taken out of
every sentence before it is shown, kept or sent. It knows no secret that is not in the environment.
"""

import os
import re

_NAMES = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|WEBHOOK|PRIVATE|(^|_)(KEY|KEYS|SAS|DSN|AUTH)($|_)|CONNECTION_STRING", re.I)
_SHORTEST = 8  # shorter values, such as "true", are words that occur anyway


def without_secrets(text: str) -> str:
    """The same text with every secret of the environment written as ***."""
    return _hidden(text, _known())


def hide_secrets(content):
    """The same for every text inside lists and dictionaries, as JSON has them; numbers stay numbers.

    >>> hide_secrets({"a": ["text", 1, None]})
    {'a': ['text', 1, None]}
    """
    return _hidden(content, _known())


def _hidden(content, secrets: list[str]):
    if isinstance(content, str):
        for value in secrets:
            content = content.replace(value, "***")
        return content
    if isinstance(content, dict):
        return {key: _hidden(value, secrets) for key, value in content.items()}
    return [_hidden(value, secrets) for value in content] if isinstance(content, list) else content


def _known() -> list[str]:
    found = {v for name, v in os.environ.items() if _NAMES.search(name) and len(v) >= _SHORTEST and not v.isdigit()}
    return sorted(found, key=len, reverse=True)
