"""Does a version in the path of an endpoint say with which version it was called?

Unit: a production call of the month, of endpoints that have a part named like a version of the API ("/v1/payments"). Many
gateways keep such a path for good and take the version from a header: then nobody may read the end of v1 as the end of
all these paths. Calls whose version is not in the log cannot tell, and are left out.
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs

COLUMNS = ["named", "calls", "others", "endpoints"]


@remembered
@needs("requests", "requests.endpoint", "requests.api_version", what="Versions in paths")
def path_versions(study) -> pd.DataFrame | NotMeasurable:
    """Of the calls to paths that name a version, how many were made with another one?

    Returns one row a version named in a path, sorted: named, calls (with a known version), others (of these, made with
    another version), endpoints (how many paths name it). Empty where no path names a version in use.
    """
    if not study.store.paths("calls", [study.month]):
        return NotMeasurable("Versions in paths", f"there are no requests in {study.month}; choose another month.")
    calls = study.fact("calls", [study.month])
    calls = calls.filter((calls.environment == "production") & calls.endpoint.notnull() & calls.api_version.notnull())
    return named_and_used(calls.group_by("endpoint", "api_version").aggregate(calls=calls.calls.sum()).to_pandas())


def named_and_used(calls: pd.DataFrame) -> pd.DataFrame:
    """Hold the version in each path against that of its calls. calls : endpoint, api_version, calls; returns `COLUMNS`.

    >>> calls = pd.DataFrame({"endpoint": ["/v1/pay", "/v1/pay", "/status"], "api_version": ["v1", "v2", "v2"], "calls": [3, 9, 5]})
    >>> named_and_used(calls)
      named  calls  others  endpoints
    0    v1     12       9          1
    """
    versions = set(calls["api_version"])
    named = [next((part for part in path.split("/") if part in versions), None) for path in calls["endpoint"]]
    found = calls.assign(named=pd.array(named, dtype="str")).dropna(subset="named")
    found = found.assign(others=found["calls"].where(found["named"] != found["api_version"], 0))
    table = found.groupby("named").agg(calls=("calls", "sum"), others=("others", "sum"), endpoints=("endpoint", "nunique"))
    return table.reset_index()[COLUMNS]
