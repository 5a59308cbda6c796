"""What a role is on the whole server against what it should be: attributes, memberships, settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.postgres.grants import Difference
from app.postgres.identifiers import literal, quoted
from app.postgres.presets import Point, PointKind
from app.postgres.role_facts import PasswordKind, RoleFacts
from app.postgres.traits import setting_elements, setting_value

_MEMBERSHIP_OPTIONS_SINCE: Final = 16


@dataclass(frozen=True, slots=True)
class RoleAim:
    """``reset``: settings to remove. ``member_of``: None leaves its memberships alone.

    ``is_bounded``: it inherits what it is a member of, and has none of the powers that go past all privileges.
    """

    login: bool
    connection_limit: int
    valid_until: datetime | None
    settings: Mapping[str, str]
    reset: frozenset[str]
    member_of: frozenset[str] | None
    is_bounded: bool


def fresh(name: str) -> RoleFacts:
    """A role as CREATE ROLE makes it."""
    return RoleFacts(0, name, False, True, -1, None, (), (), (), (), (), PasswordKind.NONE)  # noqa: FBT003 (a row)


def difference(facts: RoleFacts, aim: RoleAim) -> Difference:
    """The text of a missing attribute is as ALTER ROLE takes it, that of a missing setting ``name=value``."""
    missing: list[Point] = []
    extra: list[Point] = []
    if facts.login != aim.login:
        (missing if aim.login else extra).append(Point(PointKind.ATTRIBUTE, "LOGIN"))
    if facts.connection_limit != aim.connection_limit:
        missing.append(Point(PointKind.ATTRIBUTE, f"CONNECTION LIMIT {aim.connection_limit}"))
    if facts.valid_until != aim.valid_until:
        until = aim.valid_until.astimezone(UTC).isoformat() if aim.valid_until else "infinity"
        missing.append(Point(PointKind.ATTRIBUTE, f"VALID UNTIL {literal(until)}"))
    if aim.is_bounded:
        extra += [Point(PointKind.ATTRIBUTE, power) for power in facts.powers]
        if not facts.inherit:
            missing.append(Point(PointKind.ATTRIBUTE, "INHERIT"))
    if aim.member_of is not None:
        missing += [Point(PointKind.MEMBERSHIP, one) for one in aim.member_of - set(facts.full_member_of)]
        extra += [Point(PointKind.MEMBERSHIP, one) for one in set(facts.member_of) - aim.member_of]
    for name, value in aim.settings.items():
        present = facts.setting(name)
        if present is None or list(setting_elements(name, present)) != list(setting_elements(name, value)):
            missing.append(Point(PointKind.SETTING, f"{name}={value}"))
    extra += [Point(PointKind.SETTING, name) for name in aim.reset if facts.setting(name) is not None]
    return Difference(_sorted(missing), _sorted(extra))


def statements(name: str, change: Difference, *, is_new: bool, major: int) -> list[str]:
    role = quoted(name)
    attributes = [f"NO{point.what}" for point in change.extra if point.kind is PointKind.ATTRIBUTE]
    attributes += [point.what for point in change.missing if point.kind is PointKind.ATTRIBUTE]
    options = " WITH INHERIT TRUE, SET TRUE" if major >= _MEMBERSHIP_OPTIONS_SINCE else ""
    found = [f"CREATE ROLE {role} NOLOGIN"] if is_new else []
    if attributes:
        found.append(f"ALTER ROLE {role} {' '.join(attributes)}")
    for point in change.extra:
        if point.kind is PointKind.MEMBERSHIP:
            found.append(f"REVOKE {quoted(point.what)} FROM {role}")
        elif point.kind is PointKind.SETTING:
            found.append(f"ALTER ROLE {role} RESET {quoted(point.what)}")
    found += [
        f"GRANT {quoted(point.what)} TO {role}{options}"
        for point in change.missing
        if point.kind is PointKind.MEMBERSHIP
    ]
    for point in change.missing:
        if point.kind is PointKind.SETTING:
            setting, _, value = point.what.partition("=")
            found.append(f"ALTER ROLE {role} SET {quoted(setting)} TO {setting_value(setting, value)}")
    return found


def _sorted(points: Sequence[Point]) -> tuple[Point, ...]:
    return tuple(sorted(points, key=lambda point: (point.kind, point.what)))
