"""Every catalogued metric on a company small enough to count by hand.

Four accounts, ten calls, twenty touchpoints, seven invoices, two incidents, in UTC, January to March 2026. Each expected value is
worked out in the comment above it.
"""

import numpy as np
import pandas as pd
import pytest

from apijourney import CATALOG, NotMeasurable, measure, open_study

TABLES = {
    "accounts": """account_id,created_at,is_internal,quota_per_month,closed_at,close_reason,segment
a,2026-01-05T10:00:00Z,false,2,,,large
b,2026-01-20T10:00:00Z,false,2,2026-03-07T10:00:00Z,price,small
c,2026-02-10T10:00:00Z,false,1,,,small
d,2026-03-25T10:00:00Z,false,,,,
x,2026-01-01T10:00:00Z,true,,,,
""",
    "requests": """request_id,occurred_at,account_id,status,environment,latency_ms,key_id,api_version,sdk,sdk_version,endpoint,region
1,2026-01-06T10:00:00Z,a,500,sandbox,10,k,v1,py,1.0,/pay,eu
2,2026-01-07T10:00:00Z,a,200,sandbox,10,k,v1,py,1.0,/pay,eu
3,2026-01-08T10:00:00Z,a,200,production,10,k,v1,py,1.0,/id/7,eu
4,2026-01-10T10:00:00Z,a,200,production,10,k,v1,py,1.0,/pay,eu
5,2026-01-21T10:00:00Z,b,200,production,700,k2,v2,py,1.1,/pay,us
6,2026-02-05T10:00:00Z,b,200,production,10,k2,v2,py,1.1,/id/3,us
7,2026-02-06T10:00:00Z,a,503,production,10,k,v1,py,1.0,/pay,eu
8,2026-03-02T10:00:00Z,a,200,production,10,k,v1,py,1.0,/pay,eu
9,2026-03-05T10:00:00Z,c,404,production,10,k,v2,py,1.1,/pay,eu
10,2026-03-06T10:00:00Z,b,200,production,2800,k2,v2,py,1.1,/id/9,us
""",
    "incidents": """started_at,ended_at,scope
2026-02-06T09:00:00Z,2026-02-06T11:00:00Z,all
2026-02-20T00:00:00Z,2026-02-21T00:00:00Z,all
""",
    "hosts": """sampled_at,host,cpu_share,memory_share,connections
2026-01-08T10:00:00Z,one,0.5,0.5,10
2026-01-08T10:30:00Z,one,0.5,0.5,30
2026-01-08T10:05:00Z,two,0.5,0.5,5
2026-01-09T10:00:00Z,one,0.5,0.5,15
2026-03-02T10:00:00Z,one,0.5,0.5,8
""",
    "releases": """team,version,released_at,announced_at,breaking
API,v2,2026-02-10T10:00:00Z,2026-01-11T10:00:00Z,true
SDK,py 1.2,2026-03-10T10:00:00Z,2026-03-06T10:00:00Z,false
Portal,new colours,2026-03-20T10:00:00Z,,false
""",
    "touchpoints": """event_id,occurred_at,visitor_id,account_id,touchpoint,page,properties
1,2026-01-04T10:00:00Z,v1,,docs_view,/docs,
2,2026-01-05T10:00:00Z,v1,a,sign_up,/sign-up,
3,2026-01-10T10:00:00Z,v2,,docs_view,/docs,
4,2026-02-11T10:00:00Z,v2,,docs_view,/docs,
5,2026-02-09T10:00:00Z,v3,,docs_view,/docs,
6,2026-02-10T10:00:00Z,v3,c,sign_up,/sign-up,
7,2026-03-30T10:00:00Z,v4,,docs_view,/docs,
8,2026-01-04T10:00:00Z,v5,,docs_view,/docs,"{""agent"": ""crawler""}"
9,2026-01-10T10:10:00Z,v2,,docs_search,/docs/search,"{""results"": 0}"
10,2026-01-10T10:40:00Z,v2,,quickstart_view,/docs/quickstart,
11,2026-01-10T10:42:00Z,v2,,quickstart_completed,,
12,2026-02-11T10:05:00Z,v2,,docs_search,/docs/search,"{""results"": 4}"
13,2026-02-11T10:06:00Z,v2,,docs_search,/docs/search,"{""results"": 0}"
14,2026-02-20T09:00:00Z,v6,,docs_view,/docs,"{""agent"": ""ai_agent"", ""results"": 0}"
15,2026-01-05T10:05:00Z,v1,a,key_created,,
16,2026-02-10T10:20:00Z,v3,c,sandbox_opened,/sandbox,
17,2026-02-10T10:25:00Z,v3,c,quickstart_view,/docs/quickstart,
18,2026-02-28T10:00:00Z,v2,,quickstart_view,/docs/quickstart,
19,2026-03-30T11:00:00Z,v4,,quickstart_view,/docs/quickstart,
20,2026-03-02T10:00:00Z,,a,key_created,,
""",
    "identities": """visitor_id,developer_id,account_id,linked_at
v1,,a,2026-01-05T10:00:00Z
v3,,c,2026-02-10T10:00:00Z
""",
    "tickets": """ticket_id,account_id,opened_at,resolved_at,topic
1,a,2026-01-15T10:00:00Z,2026-01-16T10:00:00Z,errors
2,b,2026-01-30T10:00:00Z,,billing
""",
    "surveys": """account_id,answered_at,kind,score
a,2026-01-10T10:00:00Z,csat,5
b,2026-01-11T10:00:00Z,csat,3
a,2026-02-10T10:00:00Z,csat,4
a,2026-01-10T10:00:00Z,nps,9
b,2026-01-11T10:00:00Z,nps,6
c,2026-01-12T10:00:00Z,nps,8
a,2026-02-10T10:00:00Z,nps,10
b,2026-03-10T10:00:00Z,nps,3
a,2026-01-10T10:00:00Z,ces,6
b,2026-01-10T10:00:00Z,ces,3
a,2026-03-10T10:00:00Z,ces,7
""",
    "pages": """page,text,broken_links
/docs,Read this.,2
/docs/quickstart,Call /pay.,1
/docs/more,,
/docs/easy,"""
    + "Make this call with your test card from your desk. " * 5
    + """,
/docs/hard,"""
    + "Authentication guarantees confidentiality whenever developers integrate. " * 10
    + """,
""",
    "costs": """month,category,amount_minor,currency
2026-01,infrastructure,300,EUR
2026-01,support,1000,EUR
2026-02,infrastructure,200,EUR
2026-02,marketing,400,EUR
2026-02,sales,100,EUR
""",
    "invoices": """invoice_id,account_id,issued_at,amount_minor,currency,kind,credits_kind
1,a,2026-01-05T12:00:00Z,1000,EUR,subscription,
2,a,2026-02-01T12:00:00Z,1500,EUR,subscription,
3,a,2026-03-01T12:00:00Z,1500,EUR,subscription,
4,b,2026-02-01T12:00:00Z,500,EUR,subscription,
5,c,2026-03-01T12:00:00Z,700,EUR,subscription,
6,b,2026-01-20T12:00:00Z,250,EUR,one_off,
7,a,2026-03-10T12:00:00Z,-100,EUR,credit,subscription
8,a,2026-01-31T12:00:00Z,250,EUR,usage,
""",
}
WORKBOOK = "company: Hand\ncurrency: EUR\nobserved_from: 2026-01-01\nproducts: {pay: [/pay], id: ['/id/{n}']}\n"
WORKBOOK += "tariff: {'*': {price: 100}}\n"
WORKBOOK += "definitions: {mrr_includes_usage: false, transaction: {event: request, where: {environment: production, status_class: 2xx, endpoint: /pay}}}\n"
NAN, INF = np.nan, np.inf
JANUARY, FEBRUARY, MARCH = 31 * 1440, 28 * 1440, 31 * 1440  # minutes

EXPECTED = {
    # created, without the internal account: a and b, c, d
    "sign_ups": [2, 1, 1],
    # January: v1 (later a) and v2; the crawler is no person. February: v2 and v3. March: v4
    "unique_visitors": [2, 2, 1],
    # first seen in January: v1 signs up, v2 does not. February: v3 does. March: v4's window is open
    "sign_up_rate": [1 / 2, 1 / 1, NAN],
    # rows of people that name a page. January: 1, 2, 3, 9, 10. February: 4, 5, 6, 12, 13, 16, 17, 18. March: 7, 19
    "page_views": [5, 8, 2],
    # January: a on the 4th bounces; a's sign-up goes on to a key; v2 sees two pages, and exactly half an hour
    # later begins a second session, which goes on to the end of the quickstart. February: c on the 9th and v2 on
    # the 28th bounce, c on the 10th and v2 on the 11th see three pages. March: v4 twice, an hour apart
    "bounce_rate": [1 / 4, 2 / 4, 2 / 2],
    "pages_per_session": [5 / 4, 8 / 4, 2 / 2],
    # January: 10 minutes. February: 60, 300, 300 and 1,200 seconds. March: no page with another after it
    "time_on_page": [600, 300, NAN],
    # the agent's search is no person's
    "docs_search_zero_share": [1 / 1, 1 / 2, NAN],
    # v2 gets to the end; c does not, and v2's second opening is no first; v4's week is open
    "quickstart_completion": [1 / 1, 0 / 1, NAN],
    # the sessions of people above, and v6
    "ai_agent_share": [0 / 4, 1 / 5, 0 / 2],
    # as the pages are at the end of March; one does not say
    "broken_links_per_page": [NAN, NAN, 3 / 2],
    # words of 4 letters, 10 a sentence: 400 letters and 10 sentences in 100 words. 6 words of 66 letters a sentence.
    # The other pages have too few words
    "reading_level": [
        NAN, NAN, ((0.0588 * 400 - 0.296 * 10 - 15.8) + (0.0588 * 1100 - 0.296 * 100 / 6 - 15.8)) / 2,
    ],
    "keys_created": [1, 0, 1],
    # a called the sandbox, b did not; c opened it; d's window is open
    "sandbox_use": [1 / 2, 1 / 1, NAN],
    # a's week begins on January 7: /pay and /id/{n}; b's on the 21st: /pay alone. Nobody's first came later
    "first_week_endpoints": [(2 + 1) / 2, NAN, NAN],
    # fewer than ten accounts call
    "top_10_usage_share": [3 / 3, 2 / 2, 3 / 3],
    # a 2 calls, b 1: (-1 × 1 + 1 × 2) / (2 × 3); then one each
    "usage_gini": [1 / 6, 0, 0],
    # a uses both, b one; b one, a's call failed; a and b one each
    "product_attach": [1 / 2, 0 / 1, 0 / 2],
    # one of two is resolved after a day: half of them
    "ticket_resolution_days": [1.0, NAN, NAN],
    "csat": [1 / 2, 1 / 1, NAN],
    # one promoter, one detractor, one neither; a promoter; a detractor
    "nps": [0, 100, -100],
    "ces": [(6 + 3) / 2, NAN, 7],
    # two tickets over the actives a and b; none over b; none over a and b
    "tickets_per_active_account": [2 / 2, 0 / 1, 0 / 2],
    # a was active on the 8th and 10th, within 14 days. b's second day came on February 5, the window
    # ended on the 3rd. c never was. d's window is open
    "activated_share": [1 / 2, 0 / 1, NAN],
    # a took 2 days, b took 1: half of them are there after 1 day. c has not got there; nor has d
    "first_hello_world_days": [1.0, NAN, NAN],
    # a took 3 days to its first 200 in production, b took 1. c only got a 404, d nothing: half are not there
    "first_production_call_days": [1.0, NAN, NAN],
    # a pays through /pay for the first time on the 10th, after 5 days; b after 1; c and d not yet
    "first_transaction_days": [1.0, NAN, NAN],
    # production calls and those to /pay answered 2xx: a 2 and 1, b 1 and 1; nobody paid in February; a 1 and 1 (b only
    # called /id, c failed)
    "calls_per_transaction": [(2 + 1) / (1 + 1), NAN, 1 / 1],
    # first calls: a failed, b succeeded; none in February; c got a 404
    "first_call_success_rate": [1 / 2, NAN, 0 / 1],
    # a and b within 28 days; c not by March 10; d's window is open
    "conversion_to_production": [2 / 2, 0 / 1, NAN],
    # active account-days: a on the 8th and 10th, b on the 21st; b; a and b
    "daily_active_accounts": [3 / 31, 1 / 28, 2 / 31],
    # a counts from the 8th to the 16th (9 days), b from the 21st to the 27th (7), over the 25 days from
    # the 7th on, whose week was observed; b 7; a 7 and b 7
    "weekly_active_accounts": [16 / 25, 7 / 28, 14 / 31],
    # a's only February call failed with 503: no activity
    "monthly_active_accounts": [2, 1, 2],
    "stickiness": [3 / (2 * 31), 1 / (1 * 28), 2 / (2 * 31)],
    # first active in January: a and b, of whom b is active in February. Nobody was first active in February
    "month_1_retention": [NAN, 1 / 2, NAN],
    # a's days 24 to 30 are February 1 to 7, when its only call failed; b's are February 14 to 20. March is open
    "day_30_retention": [0 / 2, NAN, NAN],
    # b in February, a in March; 28 days of silence after February are over
    "rolling_retention": [2 / 2, NAN, NAN],
    # a and b: 3 calls in the 31 days of January, b's 1 in the 28 of February; then b's 1 in the 31 of March
    "usage_retention": [NAN, (1 / 28) / (3 / 31), (1 / 31) / (1 / 28)],
    # March: a and b call once each; only b called in January and February, too
    "recurring_usage": [NAN, NAN, 1 / 2],
    # nobody calls on 21 days: of a and b, of b, of b again (a's call of March 2 is 29 days back)
    "power_user_share": [0 / 2, 0 / 1, 0 / 1],
    # nobody was watched for half a year (the test of account lives counts one by hand)
    "account_survival_6m": [NAN, NAN, NAN],
    # the month before January was not observed; 0 came, a fell silent; a came back, nobody fell silent
    "account_quick_ratio": [NAN, 0.0, INF],
    # production only: 3 of 3; the 503 fails; a 404 is the caller's mistake, answered well
    "availability": [3 / 3, 1 / 2, 3 / 3],
    # the 500 of January was in the sandbox
    "errors_per_minute": [0, 1 / FEBRUARY, 0],
    # a, of the large ones, called twice and b, a small one, once; one call each; a once, b and c once each
    "busiest_segment_share": [2 / 3, 1 / 2, 2 / 3],
    # there are two
    "top_endpoints_share": [3 / 3, 2 / 2, 3 / 3],
    # no error; the 503; the 404
    "top_error_code_share": [NAN, 1 / 1, 1 / 1],
    # a uses both endpoints and b one, of two; b the only one, for a's call failed; a one and b the other
    "feature_adoption": [3 / 4, 1 / 1, 2 / 4],
    "requests_per_minute": [3 / JANUARY, 2 / FEBRUARY, 3 / MARCH],
    # fewer than ten calls lie beyond any percentile: too few to say
    "latency_p50": [NAN, NAN, NAN],
    "latency_p95": [NAN, NAN, NAN],
    "latency_p90": [NAN, NAN, NAN],
    "latency_p99": [NAN, NAN, NAN],
    # good calls: 10, 10, 700; 10, the 503 is none; 10, 10 (the 404), 2800
    "latency_mean": [720 / 3, 10 / 1, 2820 / 3],
    "latency_max": [700, 10, 2800],
    # 300 ms satisfy and 1,200 are tolerated: 700 counts half; the 503 counts as frustrating; so does 2800
    "apdex": [(1 + 1 + 0.5) / 3, 1 / 2, 2 / 3],
    # production errors: none; the 503; the 404. None was repeated within a minute
    "errors_per_attempt": [0 / 3, 1 / 2, 1 / 3],
    "errors_per_operation": [0 / 3, 1 / 2, 1 / 3],
    "throttled_share": [0 / 3, 0 / 2, 0 / 3],
    # the last 28 days: from January 4 on, all three; February as a whole: 1 of 2 failed where 0.002 may;
    # from March 4 on: c and b, a's call of the 2nd is too early
    "error_budget_left": [1.0, 1 - 1 / (2 * 0.001), 1.0],
    # a and b; b kept, a broken; b and c
    "accounts_over_budget": [0 / 2, 1 / 2, 0 / 2],
    # a pays 1000, b nothing; a 1500 broken of 2000; c's 700 kept
    "mrr_over_budget": [0 / 1000, 1500 / 2000, 0 / 700],
    # February: 2 hours and a day inside incidents
    "time_uptime": [1.0, (FEBRUARY - 120 - 1440) / FEBRUARY, 1.0],
    # nothing broke in January; from then on both incidents, of 120 and 1,440 minutes
    "mean_time_to_repair": [NAN, 1560 / 2, 1560 / 2],
    # observed since January 1: 59 days by the end of February, 90 by that of March; 26 hours of them down
    "mean_time_to_failure": [NAN, (59 - 26 / 24) / 2, (90 - 26 / 24) / 2],
    "mean_time_between_failures": [NAN, 59 / 2, 90 / 2],
    "rate_of_occurrence_of_failure": [0.0, 2 / 59 * 30, 2 / 90 * 30],
    "probability_of_failure_on_demand": [0 / 3, 1 / 2, 0 / 3],
    # fewer than 200 samples: too few for a 95th percentile
    "cpu_p95": [NAN, NAN, NAN],
    "memory_p95": [NAN, NAN, NAN],
    # January 8: one has 20 on average, two 5; January 9: one 15. No sample in February
    "concurrent_connections": [(20 + 5 + 15) / 2, NAN, 8],
    # January 8: 30 and 5
    "peak_connections": [35, NAN, 8],
    # nothing failed; one call did, and of fewer than five nothing can be said; nothing failed
    "fastest_burn": [0, NAN, 0],
    "capacity_headroom": [NAN, NAN, NAN],
    # no account has a hundred good calls
    "p90_by_customer": [NAN, NAN, NAN],
    # milliseconds of all production calls, good or not, over those of the month: 10 + 10 + 700; 10 + 10; 10 + 10 + 2800
    "concurrent_requests": [720 / (JANUARY * 60_000), 20 / (FEBRUARY * 60_000), 2820 / (MARCH * 60_000)],
    # days lie between any two calls
    "peak_concurrent_requests": [1, 1, 1],
    # calls that succeed: 3 and 4 by a on v1, 5 by b on v2; 6 on v2; 8 by a on v1, 10 by b on v2
    "deprecated_calls_share": [0 / 3, 0 / 1, 1 / 2],
    # a pays 1000 and v1 is not yet deprecated; b pays 500, on v2; a pays 1500 - 100 on v1, b nothing
    "deprecated_mrr_share": [0 / 1000, 0 / 500, 1400 / 1400],
    # py 1.2 has two numbers: no release mends another
    "time_to_fix": [NAN, NAN, NAN],
    # v2 breaks with v1 in February. February: only b succeeds, on v2; March: a is on v1, b on v2
    "deprecated_version_exposure": [0 / 2, 0 / 1, 1 / 2],
    # 1.1 is the newest: a is not on it, b is; b; in March 1.2 is out and nobody uses it
    "newest_sdk_share": [1 / 2, 1 / 1, 0 / 2],
    "release_frequency": [0, 1, 2],
    "breaking_changes": [0, 1, 0],
    # v2 was announced 30 days ahead, py 1.2 4 days, the colours never
    "changelog_lead_time": [NAN, 30, 4],
    # a's and b's keys; b's alone, for the 503 is no use; both
    "unique_api_consumers": [2, 1, 2],
    # 90 days are observed at the end of March; a made a key in March, b opened its account on January 20
    "silent_integrations": [NAN, NAN, 0 / 2],
    # only b calls in neighbouring months: once in 31 days, once in 28, once in 31
    "usage_growth_by_account": [NAN, 31 / 28 - 1, 28 / 31 - 1],
    # of a and b, a falls silent; b, one call each month, stays within a quarter
    "decline_index": [NAN, 1 / 2, 0 / 1],
    # three whole months must have been observed before
    "endpoint_expansion": [NAN, NAN, NAN],
    "product_expansion": [NAN, NAN, NAN],
    "region_expansion": [NAN, NAN, NAN],
    "environment_expansion": [NAN, NAN, NAN],
    # production calls: a 2 of 2, b 1 of 2; one each of 2; c 1 of 1, a and b 1 of 2
    "quota_utilisation_share": [1 / 2, 0 / 2, 1 / 3],
    # a: January 4; 5, two events; 6 and 7 in the sandbox. b is never seen. March: a's key
    "sessions_per_active_account": [4 / 2, 0 / 1, 1 / 2],
    # nobody has been silent twenty times
    "early_warning_share": [NAN, NAN, NAN],
    # infrastructure cost over all calls, sandbox too: 300 over 5, 200 over 2, unknown cost
    "cost_per_thousand_calls": [60_000, 100_000, NAN],
    # 1000 + 250 + 250 for use; 1500 + 500; 1500 + 700 − 100
    "revenue": [1500, 2000, 2100],
    # without the one-off, and use is no MRR here; March: a 1400 after its credit, c 700
    "mrr": [1000, 2000, 2100],
    # movements start in the second month: 500 new and 500 expansion, nothing lost; then 700 new
    # against 100 contraction and 500 churn
    "revenue_quick_ratio": [NAN, INF, 700 / 600],
    # twelve times the month
    "annual_recurring_revenue": [12_000, 24_000, 25_200],
    # 500 new and 500 expansion; 700 new less 100 contraction and 500 churn
    "net_new_mrr": [NAN, 1000, 100],
    "average_mrr_per_account": [1000 / 1, 2000 / 2, 2100 / 2],
    # a stays; b, one of two, leaves
    "paying_account_churn": [NAN, 0 / 1, 1 / 2],
    "top_account_share": [1000 / 1000, 1500 / 2000, 1400 / 2100],
    # nothing is known of a year before
    "net_revenue_retention_12m": [NAN, NAN, NAN],
    "gross_revenue_retention": [NAN, NAN, NAN],
    # a's 250 beside its subscription
    "usage_revenue_share": [250 / 1250, 0 / 2000, 0 / 2100],
    # one pays all; shares of 3/4 and 1/4; of 2/3 and 1/3
    "revenue_concentration": [1, 9 / 16 + 1 / 16, 4 / 9 + 1 / 9],
    # costs of January: infrastructure goes by calls, 4 of a and 1 of b: 240 and 60; support by tickets, 500 each. Of
    # February: 100 each. Margins of who pays: a 1000 - 740, a 1500 - 100, b 500 - 100. Nobody of one left by February,
    # so sixty months count, discounted by 10 % a year. The costs of March are not known
    "customer_lifetime_value": [NAN, (260 + 1400 + 400) / 3 * sum(1.1 ** (-t / 12) for t in range(60)), NAN],
    # fewer than twenty silences, and not followed for twelve weeks: nobody is watched
    "revenue_at_risk": [NAN, NAN, 0 / 2100],
    # nothing was lost; then b's 500 and 100 of a
    "revenue_churn": [NAN, 0 / 1000, 600 / 2000],
    "month_over_month_growth": [NAN, 1000 / 1000, 100 / 2000],
    # opened by then: a and b; c too; d too, and b was still there for a week. Active: a and b; b; a and b
    "adoption_rate": [2 / 2, 1 / 3, 2 / 4],
    # a; a and b; a and c
    "paying_share": [1 / 2, 2 / 3, 2 / 4],
    # a and b were charged two hours after they came, c on March 1 after 19 days and two hours, d not yet
    "time_to_paid_days": [2 / 24, 19 + 2 / 24, NAN],
    # who pays in January may have paid before; then b, then c
    "new_paying_accounts": [NAN, 1, 1],
    # 400 and 100 for b; nothing was booked in January and March
    "customer_acquisition_cost": [NAN, 500 / 1, NAN],
    # a and b together leave 1400 + 400 in February
    "payback_months": [NAN, 500 / ((1400 + 400) / 2), NAN],
    "ltv_to_cac": [NAN, (260 + 1400 + 400) / 3 * sum(1.1 ** (-t / 12) for t in range(60)) / 500, NAN],
    # b closed in March and said why, with one call in February as in January
    "voluntary_churn_share": [NAN, NAN, 1 / 1],
    # 300 + 1000 over a and b; 200 over both
    "cost_to_serve": [1300 / 2, 200 / 2, NAN],
    "gross_margin": [(1000 - 1300) / 1000, (2000 - 200) / 2000, NAN],
    # no support was booked in February
    "support_cost_per_account": [1000 / 2, NAN, NAN],
    "infrastructure_cost_share": [300 / 1300, 200 / 700, NAN],
    # one of five calls failed, one of two tickets is about errors; then one of two calls
    "cost_of_errors": [300 / 5 + 1000 / 2, 200 / 2, NAN],
    # 100 cents a call. January: a's two calls are billed 250. February: its only call failed, and b never paid for use.
    # March: a pays on and got no bill for its call
    "metered_billed_gap": [50 / 200, NAN, 100 / 100],
}
OPEN_WINDOW = {
    "sign_up_rate", "activated_share", "conversion_to_production", "quickstart_completion", "sandbox_use",
    "day_30_retention", "rolling_retention",
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hand")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    (folder / "workbook.yaml").write_text(WORKBOOK)
    return open_study(folder, month="2026-03", months_back=3)


def test_every_catalogued_metric_has_an_answer_worked_out_by_hand():
    assert set(EXPECTED) == set(CATALOG)


@pytest.mark.parametrize("metric", sorted(EXPECTED))
def test_metric_equals_the_answer_worked_out_by_hand(study, metric):
    table = measure(study, metric).set_index("month")["value"]
    expected = pd.Series(EXPECTED[metric], index=["2026-01", "2026-02", "2026-03"], dtype=float)
    got = table.reindex(expected.index)
    np.testing.assert_allclose(got.to_numpy(), expected.to_numpy(), rtol=1e-12, err_msg=metric)


@pytest.mark.parametrize("metric", sorted(OPEN_WINDOW))
def test_a_month_with_an_open_window_is_masked_not_zero(study, metric):
    last = measure(study, metric).iloc[-1]
    assert not last["mature"]
    assert last[["value", "low", "high", "numerator", "denominator"]].isna().all()


@pytest.mark.parametrize("metric", ["revenue_quick_ratio", "month_over_month_growth", "paying_account_churn", "net_new_mrr", "revenue_churn"])
def test_what_needs_the_month_before_is_not_known_in_the_first(study, metric):
    assert measure(study, metric)["mature"].tolist() == [False, True, True]


def test_no_loss_among_a_few_is_no_certainty(study):
    february = measure(study, "revenue_churn").set_index("month").loc["2026-02"]
    assert february["value"] == 0 and february[["low", "high"]].isna().all() and february["mature"]


def test_a_rate_is_its_numerator_over_its_denominator(study):
    for metric, entry in CATALOG.items():
        table = measure(study, metric)
        rates = table[np.isfinite(table["value"]) & table["numerator"].notna()]
        if entry.unit != "share" or rates.empty:
            continue
        np.testing.assert_allclose(rates["value"], rates["numerator"] / rates["denominator"], err_msg=metric)
        inside = rates[rates["low"].notna()]
        assert (inside["low"] <= inside["value"] + 1e-9).all(), metric
        assert (inside["high"] >= inside["value"] - 1e-9).all(), metric


def test_net_and_gross_revenue_retention_over_a_year(tmp_path):
    # a year ago a and b paid 100 each; now a pays 150, b nothing, c (not there then) 500:
    # net 150 / 200, gross min(150, 100) / 200
    lines = ["invoice_id,account_id,issued_at,amount_minor,kind"]
    lines += ["1,a,2025-01-10,100,subscription", "2,b,2025-01-10,100,subscription"]
    lines += ["3,a,2026-01-10,150,subscription", "4,c,2026-01-10,500,subscription"]
    (tmp_path / "invoices.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "workbook.yaml").write_text("company: Year\n")
    study = open_study(tmp_path, month="2026-01")
    assert measure(study, "net_revenue_retention_12m")["value"].iloc[-1] == 0.75
    assert measure(study, "gross_revenue_retention")["value"].iloc[-1] == 0.5


def test_a_metric_without_its_table_says_what_to_add(tmp_path):
    (tmp_path / "invoices.csv").write_text("account_id,issued_at,amount_minor\na,2026-01-10,100\n")
    (tmp_path / "workbook.yaml").write_text("company: Bare\n")
    study = open_study(tmp_path)
    answer = measure(study, "availability")
    assert isinstance(answer, NotMeasurable)
    assert str(answer) == (
        'Availability is not measurable: the table "requests" is not there; add requests.parquet, '
        ".csv or .jsonl to the source folder, or map it under tables.requests in the workbook file."
    )
    assert isinstance(measure(study, "mrr"), NotMeasurable)
    assert measure(study, "revenue")["value"].iloc[-1] == 100
