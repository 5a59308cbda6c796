"""Names and column types that every table of the control database shares."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, event
from sqlmodel import SQLModel

# Named constraints can be altered by a migration; PostgreSQL's own names differ between the ways a table was made.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: MetaData = SQLModel.metadata


@event.listens_for(Column, "after_parent_attach")
def _widen(column: Column[Any], _parent: Any) -> None:
    """Every integer has 64 bits: sizes in bytes and numbers of rows pass 2**31, and none is worth the difference."""
    if type(column.type) is Integer:
        column.type = BigInteger()


class Row(SQLModel):
    """The base of every table.

    A table model does not validate its values on construction (SQLModel skips it), so rows are built from values that a
    plain schema has validated before.
    """


def one_of(column: str, states: type[StrEnum]) -> CheckConstraint:
    """A check that holds ``column`` to the values of an enumeration.

    Text with a check instead of a native enum: adding a value is then an ordinary change of a constraint, and a
    downgrade leaves no type behind.
    """
    values = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({values})", name=column)


Json = dict[str, Any]
