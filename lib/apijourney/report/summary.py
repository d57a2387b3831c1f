"""What came of it, on one screen: the lines a run ends with.

Unit: one published report. All of it stands in the report as well.
"""

from apijourney.formats import counted, month_name


def summary(record: dict, page: str, *, reused: int = 0) -> list[str]:
    """Write the end of a run. record : from `make_record`. page : the HTML. reused : notebooks that needed no run."""
    goals, restated = record["goals"], sum(bool(row["seen"]) for row in record["restated"])
    state = {"final": "final", "provisional": f"provisional until {record['final_from']}"}.get(record["status"], "")
    lines = [f"{record['company']}, {month_name(record['month'])}{f' ({state})' if state else ''}"]
    lines += [f"  {sentence['topic']}. {sentence['text']}" for sentence in record["headline"]]
    if any(goals.values()):
        lines.append(f"  Goals: {goals['missed']} missed, {goals['unclear']} unclear, {goals['met']} met.")
    lines.append(f"  {counted(len(record['accounts']), 'account')} to act on.")
    if restated:
        lines.append(f"  {counted(restated, 'published number')} restated; the report says which and why.")
    run = len(record["notebooks"]) - reused
    again = f", {reused} taken from the run before" if reused else ""
    lines.append(f"  {counted(run, 'notebook')} run{again}; the page has {len(page.encode()) / 1e6:.1f} MB.")
    return lines
