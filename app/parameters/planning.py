"""What a change of settings will do, judged by what the server has, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from app.parameters.errors import RestartRequired, ScopeUnknown, SettingInvalid, SettingReserved, SettingUnknown
from app.parameters.rules import reason_against, warning_of
from app.parameters.schemas import Value
from app.postgres.errors import PrivilegeMissing
from app.postgres.parameter_values import QUOTED_LISTS, checked, entries, normal, same
from app.postgres.parameter_writing import Scope
from app.postgres.parameters import Context, Parameter, Reading

_MOST_SLOTS: Final = "max_connections"
_KEPT_SLOTS: Final = ("superuser_reserved_connections", "reserved_connections")
# Those that a session may have of its own.
_OF_SESSIONS: Final = frozenset({Context.USER, Context.SUPERUSER, Context.BACKEND, Context.SUPERUSER_BACKEND})


@dataclass(frozen=True, slots=True)
class Plan:
    """``before`` and ``after`` name what changes, as the server spells it; ``named`` also what stays as it is."""

    scope: Scope
    before: dict[str, str | None]
    after: dict[str, str | None]
    named: tuple[str, ...]
    needs_restart: tuple[str, ...]
    warnings: tuple[str, ...]


def plan_of(
    reading: Reading, scope: Scope, wish: Mapping[str, Value | None], provider: str, *, undoes: bool = False
) -> Plan:
    """``undoes``: also where the command line wins, by which a server was started that another value kept down.

    Raises SettingUnknown, SettingReserved, SettingInvalid, ScopeUnknown, PrivilegeMissing.
    """
    _require_scope(reading, scope)
    found = _found(reading, wish)
    _require_unreserved(found, provider, for_system=scope.is_system and not undoes)
    after = _checked(reading, found, wish, scope)
    before = {name: written_now(reading, found[name], scope) for name in after}
    changed = {
        name: value
        for name, value in after.items()
        if not _is_same(found[name], before[name], value) or (scope.is_system and found[name].pending_restart)
    }
    if scope.is_system and changed:
        _require_rights(reading, [found[name] for name in changed])
    restarts = [name for name, value in changed.items() if scope.is_system and _needs_restart(found[name], value)]
    warnings = [f"{name}: {warning}" for name in changed if (warning := warning_of(name)) is not None]
    if not scope.is_system and changed:
        warnings.append("Sessions that are open keep what they have; a pooler's too, until it reconnects.")
    return Plan(
        scope=scope,
        before={name: before[name] for name in changed},
        after=changed,
        named=tuple(after),
        needs_restart=tuple(restarts),
        warnings=tuple(warnings),
    )


def require_restart_allowed(plan: Plan, *, allowed: bool) -> None:
    if plan.needs_restart and not allowed:
        raise RestartRequired(plan.needs_restart)


def written_now(reading: Reading, parameter: Parameter, scope: Scope) -> str | None:
    """What is set in that very place; None where nothing is."""
    if scope.is_system:
        return parameter.written
    return reading.override(parameter.name, logical_database=scope.logical_database, role=scope.role)


def not_in_force(reading: Reading, plan_values: Mapping[str, str | None], scope: Scope) -> dict[str, str]:
    """Of what was written, what the server does not go by; by name, with what it has instead."""
    failed: dict[str, str] = {}
    for name, value in plan_values.items():
        parameter = reading.find(name)
        if parameter is None:
            continue
        if value is None:
            if written_now(reading, parameter, scope) is not None and (reading.reads_files or not scope.is_system):
                failed[name] = "it is still set"
            continue
        now = parameter.value if scope.is_system else written_now(reading, parameter, scope)
        if scope.is_system and parameter.pending_restart and parameter.coming is not None:
            now = parameter.coming
        if now is None or not same(parameter.kind, now, value):
            failed[name] = f"the server has {now!r} in place of {value!r}"
    return failed


def _require_scope(reading: Reading, scope: Scope) -> None:
    if scope.role is not None and scope.role not in reading.roles:
        raise ScopeUnknown("role", scope.role)
    if scope.logical_database is not None and scope.logical_database not in reading.databases:
        raise ScopeUnknown("database", scope.logical_database)


def _found(reading: Reading, wish: Mapping[str, Value | None]) -> dict[str, Parameter]:
    """By the name in the wish."""
    found = {name: reading.find(name) for name in wish}
    unknown = [name for name, parameter in found.items() if parameter is None]
    if unknown:
        names = list(reading.parameters)
        raise SettingUnknown({name: get_close_matches(name.lower(), names, n=3) for name in unknown})
    return {parameter.name: parameter for parameter in found.values() if parameter is not None}


def _require_unreserved(found: Mapping[str, Parameter], provider: str, *, for_system: bool) -> None:
    reasons = {
        name: reason
        for name, parameter in found.items()
        if (reason := reason_against(parameter, provider, for_system=for_system)) is not None
    }
    if reasons:
        raise SettingReserved(reasons)


def _checked(
    reading: Reading, found: Mapping[str, Parameter], wish: Mapping[str, Value | None], scope: Scope
) -> dict[str, str | None]:
    by_lower_case = {name.lower(): value for name, value in wish.items()}
    texts: dict[str, str | None] = {}
    reasons: dict[str, str] = {}
    for name, parameter in found.items():
        value = by_lower_case[name.lower()]
        if not scope.is_system and parameter.context not in _OF_SESSIONS:
            reasons[name] = f"it is one of the whole server and cannot be set for {scope}"
            continue
        try:
            texts[name] = None if value is None else checked(parameter.kind, value)
        except ValueError as reason:
            reasons[name] = str(reason)
            continue
        if scope.is_system and value is not None and _is_empty_list(parameter, texts[name]):
            reasons[name] = "ALTER SYSTEM writes an empty list as one entry without a name; give null to take it away"
    reasons = reasons or (_slots(reading, texts) if scope.is_system else {})
    if reasons:
        raise SettingInvalid(reasons)
    return texts


def _slots(reading: Reading, texts: Mapping[str, str | None]) -> dict[str, str]:
    """A server does not start that keeps all its slots for a few."""
    if texts.keys().isdisjoint((_MOST_SLOTS, *_KEPT_SLOTS)):
        return {}
    have = {name: reading.parameters[name] for name in (_MOST_SLOTS, *_KEPT_SLOTS) if name in reading.parameters}
    coming = {
        name: int(normal(parameter.kind, texts.get(name) or parameter.coming or parameter.value))
        for name, parameter in have.items()
    }
    if sum(coming.get(name, 0) for name in _KEPT_SLOTS) < coming[_MOST_SLOTS]:
        return {}
    return dict.fromkeys(
        coming.keys() & texts.keys(), "a server does not start that keeps all its connections reserved"
    )


def _is_empty_list(parameter: Parameter, text: str | None) -> bool:
    return parameter.name in QUOTED_LISTS and not any(entries(parameter.name, text or ""))


def _require_rights(reading: Reading, parameters: list[Parameter]) -> None:
    denied = [parameter.name for parameter in parameters if not parameter.alterable]
    if denied:
        raise PrivilegeMissing(
            f"{reading.login} may not change {', '.join(denied)} for the whole server. It takes a superuser, or since "
            f"PostgreSQL 15 GRANT ALTER SYSTEM ON PARAMETER … TO {reading.login}. A role or a database may be within its reach: "
            "give a scope."
        )
    if not reading.may_reload:
        raise PrivilegeMissing(
            f"{reading.login} may not have the server load its files. It takes a superuser, or GRANT EXECUTE ON FUNCTION "
            f"pg_reload_conf() TO {reading.login}."
        )


def _needs_restart(parameter: Parameter, value: str | None) -> bool:
    if parameter.context is not Context.POSTMASTER:
        return False
    coming = value if value is not None else parameter.beneath if parameter.beneath is not None else parameter.boot
    return not same(parameter.kind, coming, parameter.value)


def _is_same(parameter: Parameter, one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return same(parameter.kind, one, other)
