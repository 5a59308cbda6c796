"""What a role is wished to be, what has to be done for it, and what can stand against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import Conflict, Unprocessable
from app.postgres.grants import Difference
from app.postgres.presets import Aim


@dataclass(frozen=True, slots=True)
class RoleWish:
    """``former_settings``: names that an earlier wish has set, and that go unless this one has them too.

    Without ``aim`` its privileges are left as they are; without ``member_of``, where the preset says nothing of them, its
    memberships.
    """

    name: str
    login: bool
    aim: Aim | None
    logical_databases: Sequence[str]
    connection_limit: int | None = None
    valid_until: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    former_settings: frozenset[str] = frozenset()
    member_of: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """``differences`` by logical database, None standing for the server. ``statements`` are (database, SQL)."""

    is_new: bool
    differences: Mapping[str | None, Difference]
    statements: Sequence[tuple[str | None, str]]
    warnings: Sequence[str]


class OwnerIsSuperuser(Conflict):
    code, title = "OWNER_IS_SUPERUSER", "The objects belong to a superuser"

    def __init__(self, owners: Sequence[str], logical_database: str) -> None:
        super().__init__(
            f"In {logical_database!r} something belongs to the superuser {', '.join(map(repr, owners))}, and whoever is a "
            "member of it can become it. Give the objects to a role of their own first (POST "
            "/v1/databases/{id}:harden), or name the owners that are meant.",
            owners=list(owners),
            logical_database=logical_database,
        )


class RoleMissing(Unprocessable):
    code, title = "ROLE_MISSING", "A role that is referred to does not exist"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"The server has no role {', '.join(map(repr, names))}; make it first.", roles=list(names))


class SettingInvalid(Unprocessable):
    code, title = "SETTING_INVALID", "The server does not take a setting"
