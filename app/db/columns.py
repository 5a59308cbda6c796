"""Column shapes that many tables share."""

from typing import Any

from sqlalchemy import DateTime, func
from sqlmodel import Field


def now_column() -> Any:
    """A time set by the database when the row is inserted."""
    return Field(
        default=None, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"server_default": func.now()}
    )


def time_column() -> Any:
    """A time that is null until it comes."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True)
