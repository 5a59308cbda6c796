"""What Railway charges, as a table with a date, and estimates made with it. No bill is read: Railway offers none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, Field

DATED: Final = date(2026, 8, 21)
SOURCE: Final = "docs.railway.com, the page on pricing"


class Priced(StrEnum):
    MEMORY = "memory"
    CPU = "cpu"
    VOLUME = "volume"
    BACKUP = "backup"  # Railway's own snapshots: the blocks that only they hold
    BUCKET = "bucket"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Price:
    usd: float
    unit: str


PRICES: Final[Mapping[Priced, Price]] = {
    Priced.MEMORY: Price(10.0, "GB-month"),
    Priced.CPU: Price(20.0, "vCPU-month"),
    Priced.VOLUME: Price(0.15, "GB-month"),
    Priced.BACKUP: Price(0.15, "GB-month"),
    Priced.BUCKET: Price(0.015, "GB-month"),
    Priced.EGRESS: Price(0.05, "GB"),
}


class CostLine(BaseModel):
    what: Priced
    quantity: float | None = Field(description="Null: only the price of a unit can be told.")
    unit: str = Field(examples=["GB-month"])
    usd_per_unit: float
    usd: float | None = Field(description="Quantity × price.")
    note: str | None = Field(description="What the quantity is, where it is not measured.")


class CostEstimate(BaseModel):
    """US dollars a month. Plans include usage and differ in discounts, so a bill may well be another."""

    is_estimate: Literal[True] = True
    prices_of: date = Field(description="The day of the price table; prices may have changed since.")
    source: str
    lines: list[CostLine]
    total_usd: float | None = Field(description="Of the lines whose quantity is known; null when none is.")


def estimate(quantities: Mapping[Priced, float | None], notes: Mapping[Priced, str] | None = None) -> CostEstimate:
    """For a month: GB and vCPU that are there all the time, GB of egress in that month. None where nobody knows."""
    lines = [_line(what, quantity, (notes or {}).get(what)) for what, quantity in quantities.items()]
    known = [line.usd for line in lines if line.usd is not None]
    total = round(sum(known), 2) if known else None
    return CostEstimate(prices_of=DATED, source=SOURCE, lines=lines, total_usd=total)


def _line(what: Priced, quantity: float | None, note: str | None) -> CostLine:
    price = PRICES[what]
    usd = None if quantity is None else round(quantity * price.usd, 2)
    shown = None if quantity is None else round(quantity, 3)
    return CostLine(what=what, quantity=shown, unit=price.unit, usd_per_unit=price.usd, usd=usd, note=note)
