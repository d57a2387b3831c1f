"""Which docs pages does the simulated company have? Unit: the page, with its whole text."""

import pyarrow as pa

PAGES: dict[str, tuple[str, int]] = {
    "/docs/quickstart": (
        "Make your first call in five minutes. Open the portal, choose Keys and create a sandbox key. Copy it once; we "
        "do not show it again. Install the client for your language, or use curl. Send a payment of one euro to the "
        "sandbox with the test card. You should see the status authorised and an id that starts with pay. If the answer "
        "is 401, the key was not sent in the header. If it is 422, look at the field named in the message. When the call "
        "works, tick the box at the end of this page and ask for production access.",
        0,
    ),
    "/docs/authentication": (
        "Each request carries a key in the Authorization header as a bearer token. Keys belong to one account and one "
        "environment. A sandbox key never moves money. A production key is given after we have approved your account, "
        "which takes one to three working days. Keep keys out of source code and out of mobile apps. You may have two "
        "keys at the same time, so that you can rotate them without a break: create the new key, deploy it, and revoke "
        "the old one. Requests with a revoked or unknown key are answered with status 401.",
        0,
    ),
    "/docs/payments/create": (
        "Send a POST request to /v1/payments to take a payment. The body holds amount, currency, reference and the "
        "token of the payment method. The amount is a whole number of minor units: 1250 means twelve euros and fifty "
        "cents. Send an idempotency key with every payment; a second request with the same key returns the first answer "
        "and takes no money twice. The answer holds the id and the status, which is authorised, pending or refused. A "
        "refused payment is no error of yours: show the reason to your customer and offer another method.",
        0,
    ),
    "/docs/payments/read": (
        "Send a GET request to /v1/payments with an id to read one payment. The answer holds the amount, the status and "
        "the list of refunds. Do not poll for a pending payment more often than once a minute. Set a webhook instead, "
        "and we tell you about each change of status. Payments stay readable for two years. An id of another account is "
        "answered with 404, in the same way as an id that does not exist.",
        1,
    ),
    "/docs/refunds": (
        "Send a POST request to /v1/refunds with the id of a payment and an amount. Leave the amount out to refund what "
        "is left. A refund can take up to five working days to arrive. The sum of all refunds cannot be larger than the "
        "payment; such a request is answered with 409. Refunds are final. Fees of the payment are not given back.",
        0,
    ),
    "/docs/identities/check": (
        "Send a POST request to /v1/identities to check that a person is who they say they are. You need their full "
        "name, their date of birth, and either an image of a document or the number of a bank account. Ask for consent "
        "first; without the consent field the request is refused with status 403. Most checks are answered within a "
        "second. Some need a person on our side: the status is then pending, and a webhook tells you the outcome within "
        "four hours. We delete images after thirty days.",
        0,
    ),
    "/docs/identities/read": (
        "Send a GET request to /v1/identities with an id to read the outcome of a check. The outcome is clear, consider "
        "or unclear. Consider means that something did not match; the list of reasons says what. Notwithstanding the "
        "aforementioned outcomes, the responsibility for onboarding determinations, including the proportionality of "
        "supplementary verification measures under applicable regulation, remains with the contracting organisation.",
        2,
    ),
    "/docs/tides/forecast": (
        "Send a GET request to /v1/tides/forecast with a station and a number of days, up to fourteen. The answer is a "
        "list of high and low waters with their time and height above chart datum in centimetres. Times are UTC. The "
        "forecast is computed anew every six hours. Cache it for as long as the header says; a call for the same "
        "station within that time is still counted. Heights do not include the effect of wind.",
        0,
    ),
    "/docs/tides/stations": (
        "Send a GET request to /v1/tides/stations to list the harbours we have forecasts for. You can filter by country "
        "or by a box of coordinates. The list changes a few times a year, so fetch it once a day at most. Each station "
        "has an id, a name, a position and the date of its last survey.",
        0,
    ),
    "/docs/webhooks": (
        "A webhook is a call from us to you. Register an address with a POST request to /v1/webhooks and name the events "
        "you want. We sign every delivery; check the signature before you trust the body. Answer with a 2xx status "
        "within five seconds and do the work afterwards. If you do not answer, we try again for two days, with longer "
        "and longer pauses. The same event may reach you twice, so use its id to recognise it.",
        3,
    ),
    "/docs/errors": (
        "Errors have a status, a code and one sentence. A 400 means the body is not valid JSON. A 403 means that your "
        "account may not do this. A 404 means there is no such object. A 409 means the object changed in the meantime. A "
        "422 names the field that is wrong. A 429 means that you have reached the quota of your plan, or that we are "
        "shedding load: wait for the time in the header. A status from 500 on is our fault; try again with the same "
        "idempotency key, and look at the status page.",
        0,
    ),
    "/docs/sdks": (
        "We publish clients for Python, Node and Java. Each has the same methods under the same names. Install the "
        "latest version from the usual registry of your language and pin it. The client sends the key, retries "
        "safe requests once and turns errors into exceptions. Read the changelog before you move to a new version; a new "
        "first number means that something you use may have changed.",
        1,
    ),
    "/docs/versions": (
        "The version of the API is part of your account, not of the address. New accounts start on the latest version. "
        "To move, set the version header on single requests first, compare the answers, and then change the setting in "
        "the portal. We announce the end of a version at least six months before. In version two, amounts carry their "
        "currency, lists are paged by cursor, and times always end with the letter Z.",
        0,
    ),
    "/docs/limits": (
        "Every plan has a quota of production calls a month. Free and starter accounts are stopped at the quota with "
        "status 429 until the next month begins. Larger plans go on and pay for each call beyond it. Sandbox calls are "
        "free and are not counted. You can set an alert at any share of your quota on the usage page.",
        0,
    ),
}  # fmt: skip


def pages_table() -> pa.Table:
    """Return the docs pages with their text and how many of their links are broken."""
    return pa.table({
        "page": pa.array(list(PAGES)),
        "text": pa.array([text for text, _ in PAGES.values()]),
        "broken_links": pa.array([broken for _, broken in PAGES.values()], pa.int64()),
    })  # fmt: skip
