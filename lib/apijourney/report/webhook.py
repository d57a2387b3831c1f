"""Who is told that a report is there, or that there is none? A message to a chat, where one is asked for.

Unit: one run. The address is in the environment variable APIJOURNEY_WEBHOOK, because it is a secret; what is sent is
the JSON that Slack and many others read, {"text": …}. A chat that does not answer never harms a report.
"""

import json
import os
import urllib.error
import urllib.request

from apijourney.report.secrets import without_secrets

ADDRESS = "APIJOURNEY_WEBHOOK"
_PATIENCE_SECONDS = 15


def tell(lines: list[str]) -> str:
    """Send lines to the chat. Returns an empty text, or the sentence that says why nobody was told.

    Where the environment names no address nothing is sent, and that is no failure.
    """
    address = os.environ.get(ADDRESS, "").strip()
    if not address:
        return ""
    if not address.startswith(("https://", "http://")):
        return f"The webhook was not told: {ADDRESS} is no address; write it as https://…"
    body = json.dumps({"text": escaped("\n".join(lines))}).encode("utf-8")
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return f"The webhook was not told: it answered with status {error.code}."
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        return f"The webhook was not told: {without_secrets(type(why).__name__)}; look at {ADDRESS} and at the network."


def escaped(text: str) -> str:
    """A text as Slack shows it, so that no name from the data becomes a link or calls everybody.

    >>> escaped("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
