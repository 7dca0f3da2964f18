"""The months that a trend compares. Pure."""

from calendar import monthrange
from datetime import datetime


def months(now: datetime) -> tuple[datetime, datetime, datetime]:
    """Return the beginning of this month and of the last, and the moment of last month that is as late as ``now`` is.

    So a month that has just begun is compared with as many days; where last month is shorter, with all of it.
    """
    this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = this.replace(year=this.year - (this.month == 1), month=(this.month - 2) % 12 + 1)
    if now.day > monthrange(last.year, last.month)[1]:
        return this, last, this
    return this, last, min(this, now.replace(year=last.year, month=last.month))
