"""Which lines of an access log are views of a page, by whom, and by what kind of visitor?

Unit: a line of the log, already read (see `access_log`). A visitor is an address together with a
user agent, hashed, so that no address is shown: two people behind one address with the same browser
are one visitor, and one person with two browsers is two. A user agent says what it likes, so a
program that calls itself a browser counts as a person.
"""

import ibis
from ibis.expr.types import StringColumn, Table

AI_AGENTS = (
    "GPTBot", "ChatGPT-User", "OAI-SearchBot", "ClaudeBot", "Claude-User", "Claude-SearchBot", "anthropic-ai",
    "PerplexityBot", "Perplexity-User", "MistralAI-User", "cohere-ai", "meta-externalagent", "Bytespider",
    "DuckAssistBot",
)  # fmt: skip
MONITORS = (
    "pingdom", "uptimerobot", "statuscake", "site24x7", "datadog", "newrelicpinger", "checkly",
    "googlestackdrivermonitoring", "kube-probe", "elb-healthchecker", "blackbox-exporter", "nagios", "zabbix",
)  # fmt: skip
CRAWLERS = (
    r"(^|[^u])bot\b",  # but not the telephones named Cubot
    r"bot[-_/]", "crawl", "spider", "slurp", "feed", r"\brss\b", "archiv", "fetch", "preview", "externalhit",
    "https?://", "headless", "^curl", "^wget", "python", "^ruby", "^java/", "perl", "^php", "go-http-client",
    "okhttp", "httpclient",
)  # fmt: skip
"""What gives a program away in its user agent, small and capital letters alike."""

STATIC = r"(?i)(\.(css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot)|/robots\.txt)$"
"""Files a page is made of, and the one only robots read."""

WHERE = {"method": ["GET"], "status": [200, 304]}
EXCLUDE = {"path": STATIC}
"""A page view is a page that was asked for and given: what the workbook file says nothing else about."""

_KINDS = {"ai_agent": AI_AGENTS, "monitor": MONITORS, "crawler": CRAWLERS}


def visitor_kind(user_agent: StringColumn) -> StringColumn:
    """Is it an "ai_agent", a "monitor", a "crawler" (any other program), or null: a person?

    Without a user agent it is a crawler: browsers always send one.
    """
    branches = [(user_agent.isnull(), "crawler")]
    branches += [
        (user_agent.re_search(f"(?i)({'|'.join(patterns)})"), kind) for kind, patterns in _KINDS.items()
    ]
    return ibis.cases(*branches, else_=ibis.null("string"))


def visitor_id(log: Table) -> StringColumn:
    """Name a visitor without showing the address: 16 hexadecimal digits."""
    both = log.host.fill_null("") + "\n" + log.user_agent.fill_null("")
    return log.host.notnull().ifelse("v" + both.hexdigest("sha256").substr(0, 16), ibis.null("string"))


def page_view_rules(carried: set[str]) -> tuple[dict, dict]:
    """What is a page view, as far as a log can tell: where and exclude, by the columns its format fills."""
    return tuple({c: v for c, v in rules.items() if c in carried} for rules in (WHERE, EXCLUDE))


def as_touchpoints(log: Table, carried: set[str], agent: str) -> Table:
    """Give the lines of a log the columns of the table touchpoints, beside their own.

    carried : the columns the format fills; without a user agent nobody can be told to be a program.
    agent : the property that tells bots from people, as `definitions.bots.property` has it.
    """
    kind = visitor_kind(log.user_agent) if "user_agent" in carried else ibis.null("string")
    return log.mutate(
        visitor_id=visitor_id(log),
        touchpoint=ibis.literal("page_view"),
        page=log.path,
        properties=kind.notnull().ifelse(f'{{"{agent}": "' + kind + '"}', ibis.null("string")),
        event_id=_without_address(log.rejected),
    )


def as_requests(log: Table) -> Table:
    """Give the lines of a log the columns of the table requests, beside their own."""
    known = log.request_id if "request_id" in log.columns else ibis.null("string")
    endpoint = log.endpoint if "endpoint" in log.columns else log.path
    return log.mutate(endpoint=endpoint, request_id=ibis.coalesce(_without_address(log.rejected), known))


def _without_address(line: StringColumn) -> StringColumn:
    """A line that did not fit stands in the report as an example: it must not show an address."""
    plain = line.re_replace(r"^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|\d{1,3}(\.\d{1,3}){3}", "(address)")
    return plain.re_replace(r'"\[?[0-9A-Fa-f]*:[0-9A-Fa-f:]*\]?(:\d+)?"', '"(address)"')
