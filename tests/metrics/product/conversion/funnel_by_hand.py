"""The definition of a funnel, written out without any cleverness, for logs of a few rows.

A step is a string of letters, each of which takes it. An attempt is (start, level, open, over, ways):
`ways` are the lists of times its steps may have been taken at, `over` the instant after which the next
attempt of a total may begin. Times are milliseconds.
"""

from dataclasses import dataclass
from itertools import permutations

FOREVER = 10**9
GRACE = {"mixpanel": 2000, "amplitude": 1000}


@dataclass(frozen=True)
class Row:
    number: int  # so that two equal events are two
    letter: str
    at: int
    held: str | None = None


@dataclass(frozen=True)
class Attempt:
    start: int
    level: int
    open: bool
    over: int
    ways: list


def all_ways(rows, steps, start, until):
    """Every way to take steps with different rows, from a first step at `start` on, in time order."""
    grown = [[r] for r in rows if r.at == start and r.letter in steps[0]]
    while grown:
        yield from grown
        grown = [
            way + [r] for way in grown if len(way) < len(steps) for r in rows
            if r not in way and way[-1].at <= r.at <= until and r.letter in steps[len(way)]
        ]  # fmt: skip


def times(ways):
    return [[r.at for r in way] for way in ways]


def ordered(rows, steps, start, until):
    ways = list(all_ways(rows, steps, start, until))
    level = max(map(len, ways))
    earliest = [min(w[k].at for w in ways if len(w) > k) for k in range(level)]
    return level, earliest[-1] if level == len(steps) else until, [earliest]


def strict(rows, steps, start, until):
    """No other row may stand between the first step and the last one taken."""
    ways = [
        way for way in all_ways(rows, steps, start, until)
        if not any(way[0].at < r.at < way[-1].at and r not in way for r in rows)
    ]  # fmt: skip
    level = max(map(len, ways))
    longest = [way for way in ways if len(way) == level]
    return level, min(way[-1].at for way in longest), times(longest)


def excluding(rows, steps, start, until, exclude):
    """An excluded row between two steps spoils a way; the furthest level needs a way that stays clean.

    Comes with how many steps a void attempt took, one after it was spoiled included.
    """

    def spoilt(way, seen):
        """When was the way spoiled, by what happened before `seen`?"""
        return min(
            (x.at for letters, after, before in exclude if len(way) > after for x in rows
             if x.letter in letters and way[after].at < x.at < min(seen, until + 1)
             and (len(way) <= before or x.at < way[before].at)),
            default=None,
        )  # fmt: skip

    ways = [w for w in all_ways(rows, steps, start, until) if spoilt(w, w[-1].at) is None]
    level = max(map(len, ways))
    longest = [way for way in ways if len(way) == level]
    clean = [way for way in longest if spoilt(way, FOREVER) is None]
    if not clean:
        last = max(spoilt(way, FOREVER) for way in longest)
        went_on = any(last < r.at <= until and r.letter in steps[level] for r in rows)
        return 0, max(start, last - 1), [[]], level + went_on
    return level, min(w[-1].at for w in clean) if level == len(steps) else until, times(clean), 0


def can_fill(rows, steps):
    """Can different rows take all these steps?"""
    return any(all(r.letter in s for r, s in zip(some, steps, strict=True)) for some in permutations(rows, len(steps)))


def unordered(rows, steps, start, until, exclude, keeps_first):
    """taken[k] is when k + 1 different steps could first be filled."""
    seen, taken = [], []
    for r in sorted((r for r in rows if start <= r.at <= until), key=lambda r: r.at):
        seen.append(r)
        more = len(taken) + 1
        if more <= len(steps) and any(can_fill(seen, some) for some in permutations(steps, more)):
            taken.append(r.at)
    for letters, after, before in exclude:
        if len(taken) <= after:
            continue
        converted = len(taken) > before
        end = taken[before] if converted else until + 1
        if any(x.letter in letters and taken[after] < x.at < end for x in rows):
            return (1, until, [taken[:1]]) if keeps_first else (0, start, [[]])
    return len(taken), taken[-1] if len(taken) == len(steps) else until, [taken]


def graced(rows, steps, start, until, exclude, grace, over):
    """Each step takes its first unused row at most `grace` before the previous step."""
    way = [min((r for r in rows if r.at == start and r.letter in steps[0]), key=lambda r: r.number)]
    for step in steps[1:]:
        fit = [
            r for r in rows
            if r.letter in step and r not in way and max(way[-1].at - grace, over + 1) <= r.at <= until
        ]  # fmt: skip
        if not fit:
            break
        way.append(min(fit, key=lambda r: r.at))
    spoilers = []
    for letters, after, before in exclude:
        if len(way) > after:
            converted = len(way) > before
            end = way[before].at - grace if converted else until + 1
            spoilers += [x.at for x in rows if x.letter in letters and way[after].at + grace < x.at < end]
    if spoilers:
        end = min(spoilers)
        late = [k for k in range(1, len(way)) if way[k].at > end]
        way = way[: min(late, default=len(way))]
        over = max(r.at for r in way) if len(way) == len(steps) else end
        return len(way), over, times([way])
    return len(way), max(r.at for r in way) if len(way) == len(steps) else until, times([way])


def reusing(rows, steps, start, until):
    """One row may take several steps."""
    way = [start]
    for step in steps[1:]:
        fit = [r.at for r in rows if r.letter in step and way[-1] <= r.at <= until]
        if not fit:
            break
        way.append(min(fit))
    return len(way), until, [way]


def rounded(rows, steps):
    """Whole seconds; of equal events in one second, one."""
    found = {}
    for r in rows:
        at = (r.at + 500) // 1000 * 1000
        found.setdefault((at, tuple(r.letter in s for s in steps)), Row(r.number, r.letter, at, r.held))
    return list(found.values())


def counted_attempts(
    rows, steps, *, window, order="ordered", exclude=(), rules="workbook", count="uniques",
    entered=(0, FOREVER), observed_until=None,
):  # fmt: skip
    """The attempts of one account that count."""
    masks = rules == "workbook" and observed_until is not None
    if observed_until is not None:
        rows = [r for r in rows if r.at < observed_until]
    if rules == "amplitude":
        rows = rounded(rows, steps)
    begin = "".join(steps) if order == "unordered" else steps[0]
    found, over, furthest_lost = [], -1, 0
    for start in sorted({r.at for r in rows if r.letter in begin and entered[0] <= r.at < entered[1]}):
        if count == "totals" and start <= over:
            continue
        until = start + window
        if rules in GRACE:
            used = over if count == "totals" else -FOREVER
            level, over, ways = graced(rows, steps, start, until, exclude, GRACE[rules], used)
        elif rules == "clickhouse":
            level, over, ways = reusing(rows, steps, start, until)
        elif order == "unordered":
            level, over, ways = unordered(rows, steps, start, until, exclude, rules == "posthog")
        elif order == "strict":
            level, over, ways = strict(rows, steps, start, until)
            over = over if level == len(steps) else max(min(w[-1] for w in ways), start)
        elif exclude:
            level, over, ways, lost = excluding(rows, steps, start, until, exclude)
            furthest_lost = max(furthest_lost, lost)
        else:
            level, over, ways = ordered(rows, steps, start, until)
        found.append(Attempt(start, level, masks and until > observed_until, over, ways))
    if count == "totals":
        return [a for a in found if a.level]
    if rules == "mixpanel":
        return found[:1]
    if rules == "posthog" and furthest_lost > max((a.level for a in found), default=0):
        return []
    closed = [a for a in found if not a.open]
    return [a for a in sorted(closed or found, key=lambda a: (-a.level, a.start))[:1] if a.level]


def with_optional(rows, steps, required, way, until):
    """When was each step taken, given when the required ones were (`way`)? None: not taken."""
    taken = dict(zip(required, way, strict=False))
    last = -1
    for now in sorted({r.at for r in rows if way[0] <= r.at <= until}):
        here = [r for r in rows if r.at == now]
        must = [k for k in required[: len(way)] if taken[k] == now and k > last]
        later = [k for k in required if k not in taken or taken[k] > now]
        filled = list(must)
        for k in range(last + 1, min(later, default=len(steps))):
            if k not in required and can_fill(here, [steps[j] for j in [*filled, k]]):
                filled.append(k)
                taken[k] = now
        last = max([last, *filled])
    return [taken.get(k) for k in range(len(steps))]


def of_held_values(rows, steps, **options):
    """The attempts that count when `held` must stay what it was at the first step."""
    found = []
    for value in sorted({r.held for r in rows} - {None}):
        mine = [r for r in rows if r.held == value]
        found += [(value, a) for a in counted_attempts(mine, steps, **options)]
    if options.get("count") == "totals" or options.get("rules") == "amplitude":
        return found
    if options.get("rules") == "mixpanel":
        return sorted(found, key=lambda x: (x[1].start, -x[1].level))[:1]
    return sorted(found, key=lambda x: (x[1].open, -x[1].level, x[1].start))[:1]
