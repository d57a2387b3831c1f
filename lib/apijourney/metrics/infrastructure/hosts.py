"""How busy are the machines: processor, memory, and connections at the same time?

Unit: a sample of a host; for connections, an hour in which the hosts are added up. Peaks matter
more than means, for a queue forms at the peak. It does not see what a host would have carried.
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_time
from apijourney.measurable import NotMeasurable, needs
from apijourney.columns import required
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
_BEYOND = 10


def host_load(hosts: pd.DataFrame, *, by: str = "month") -> pd.DataFrame:
    """How busy were the hosts in each month (or day)?

    Parameters
    ----------
    hosts : host, hour (the hour of the sample, any type), cpu_share, memory_share (0 to 1), connections,
        and the column `by`. One row a sample; nulls are left out.
    by : the column that makes a row of the answer.

    Returns
    -------
    One row a group: `by`, cpu_p95 and memory_p95 (the share that 95 % of the samples do not exceed; NaN
    where fewer than 10 samples lie beyond it), cpu_samples, memory_samples, mean_connections (of the
    hours: the hosts' mean connections of the hour added up), peak_connections (the highest hour, from
    each host's highest sample), hours (with a sample of connections). Hosts are a census, no sample:
    no interval.

    >>> hosts = pd.DataFrame({"month": "2026-10", "hour": [1, 1, 2, 2], "host": ["a", "b", "a", "b"],
    ...                       "cpu_share": 0.5, "memory_share": 0.5, "connections": [10, 20, 30, 40]})
    >>> host_load(hosts)[["mean_connections", "peak_connections", "hours", "cpu_p95"]]
       mean_connections  peak_connections  hours  cpu_p95
    0              50.0              70.0      2      NaN
    """
    required(hosts, [by, "host", "hour", "cpu_share", "memory_share", "connections"], where="host_load(hosts)")
    groups = hosts.groupby(by)
    table = pd.DataFrame({f"{kind}_p95": groups[f"{kind}_share"].quantile(0.95) for kind in ("cpu", "memory")})
    for kind in ("cpu", "memory"):
        table[f"{kind}_samples"] = groups[f"{kind}_share"].count()
        enough = table[f"{kind}_samples"] * 0.05 >= _BEYOND - 1e-9
        table[f"{kind}_p95"] = table[f"{kind}_p95"].where(enough)
    known = hosts.dropna(subset="connections").astype({"connections": "float64"})
    hourly = known.groupby([by, "hour", "host"])["connections"].agg(["mean", "max"])
    hourly = hourly.groupby(level=[by, "hour"]).sum().groupby(level=by)
    connections = hourly.agg(mean_connections=("mean", "mean"), peak_connections=("max", "max"), hours=("mean", "size"))
    table = table.join(connections)
    return table.assign(hours=table["hours"].fillna(0).astype("int64")).reset_index()


@remembered
@needs("hosts", what="Load of the hosts")
def host_samples(study) -> pd.DataFrame:
    """The samples of the hosts up to the study's month, with `hour` (UTC), local `day` and `month`."""
    hosts = study.table("hosts")
    hosts = hosts[hosts["sampled_at"].notna()]
    local = local_time(hosts["sampled_at"], study.zone)
    return hosts.assign(
        hour=hosts["sampled_at"].dt.floor("h"), day=local.dt.floor("D"), month=local.dt.strftime("%Y-%m"),
        host=hosts["host"].fillna("unnamed"),
    )  # fmt: skip


@remembered
@needs("hosts", what="Load of the hosts")
def load_by_month(study) -> pd.DataFrame:
    """`host_load` of the months shown, one row a month; NaN where nothing was sampled."""
    return host_load(host_samples(study)).set_index("month").reindex(study.months).rename_axis("month").reset_index()


def _load(study, value: str, of: str, column: str) -> pd.DataFrame | NotMeasurable:
    if host_samples(study)[column].isna().all():
        return NotMeasurable("Load of the hosts", f'no sample carries "{column}"; map that column of hosts.')
    table = load_by_month(study)
    whole = [study.whole(m) for m in study.months]
    return pd.DataFrame({"month": table["month"], "value": table[value], "denominator": table[of], "mature": whole})


@catalogued(
    name="Processor load", dimension="infrastructure", stage="measure",
    question="How busy are the processors when they are busy?",
    formula="95th percentile of cpu_share over the samples of all hosts in the local month; only from 200 "
    "samples on",
    unit="share", direction="down", timing="leading", counter_metric="cost_per_thousand_calls",
    gameable_by="idle hosts, paid for, lower it", tables=("hosts",), source=_BOOK, counted="samples", whole_month=True,
)  # fmt: skip
def cpu_p95(study):
    return _load(study, "cpu_p95", "cpu_samples", "cpu_share")


@catalogued(
    name="Memory in use", dimension="infrastructure", stage="measure",
    question="How full is the memory when it is full?",
    formula="95th percentile of memory_share over the samples of all hosts in the local month; only from "
    "200 samples on",
    unit="share", direction="down", timing="leading", counter_metric="cost_per_thousand_calls",
    gameable_by="restarting hosts that leak instead of mending them", tables=("hosts",), source=_BOOK, counted="samples",
    whole_month=True,
)  # fmt: skip
def memory_p95(study):
    return _load(study, "memory_p95", "memory_samples", "memory_share")


@catalogued(
    name="Concurrent connections", dimension="infrastructure", stage="scale",
    question="How many connections are open at the same time, on average?",
    formula="mean over the sampled hours of the local month of the hosts' mean connections, added up",
    unit="count", direction="none", timing="leading", counter_metric="requests_per_minute",
    gameable_by="connections kept open without a call", tables=("hosts",), source=_BOOK, counted="hours",
    whole_month=True,
)  # fmt: skip
def concurrent_connections(study):
    return _load(study, "mean_connections", "hours", "connections")


@catalogued(
    name="Peak of concurrent connections", dimension="infrastructure", stage="scale",
    question="How many connections were open in the busiest hour?",
    formula="highest sampled hour of the local month, each host's highest sample of the hour added up",
    unit="count", direction="none", timing="leading", counter_metric="latency_p99",
    gameable_by="seldom samples miss the peak", tables=("hosts",), source=_BOOK, counted="hours", whole_month=True,
)  # fmt: skip
def peak_connections(study):
    return _load(study, "peak_connections", "hours", "connections")
