"""The clock of schedules and expiries. Leases never use it: their time comes from the control database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time lies in the years 1 to 9999 of UTC") from None


# As callers give it: with a zone, and such that the database can take it.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
