"""The catalogued metric of early warning: which share of the accounts is unusually silent?

Unit: an account whose rhythm is known, see `early_warning`.
"""


from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import share_by_month
from apijourney.metrics.product.decline.early_warning import LEAST_SILENCES, TIMES, warned_by_month
from apijourney.metrics.registry import catalogued


@catalogued(
    name="Accounts in early warning", dimension="product", stage="decline",
    question="Which share of the accounts is silent for longer than its own rhythm explains?",
    formula=f"accounts silent at the end of the local month for more than {TIMES} times the longest of their last silences, "
    "one in twenty left out / accounts watched: open, silent for less than twice definitions.silence_days, and with at "
    f"least {LEAST_SILENCES} silences before",
    unit="share", direction="down", timing="leading", counter_metric="account_quick_ratio",
    gameable_by="health checks that break the silence", tables=("active",),
    source="this workbook; judged on the months before in chapter 03",
)  # fmt: skip
def early_warning_share(study):
    table = warned_by_month(study)
    if isinstance(table, NotMeasurable):
        return table
    return share_by_month(study.months, table["warned"], table["watched"])
