"""The timeouts of sessions: how to set them, and which ones a role ends up with."""

from collections.abc import Iterator
from typing import Final

from app.parameters.schemas import RoleTimeouts, SessionTimeouts, TimeoutsPut, TimeoutsView, Value
from app.postgres.parameter_values import normal
from app.postgres.parameters import Reading

_SUFFIX: Final = "_seconds"
_MILLISECONDS: Final = 1000
_NAMES: Final = tuple(name.removesuffix(_SUFFIX) for name in SessionTimeouts.model_fields)


def values_of(wish: TimeoutsPut, reading: Reading) -> dict[str, Value | None]:
    """For the change of settings that does it. One that the server is too old for may be left out, and not given."""
    given = {name: getattr(wish, name + _SUFFIX) for name in _NAMES}
    return {
        name: None if seconds is None else f"{round(seconds * _MILLISECONDS)}ms"
        for name, seconds in given.items()
        if seconds is not None or reading.find(name) is not None
    }


def view_of(reading: Reading, logical_database: str) -> TimeoutsView:
    return TimeoutsView(
        logical_database=logical_database,
        system=SessionTimeouts(**{name + _SUFFIX: _system(reading, name) for name in _NAMES}),
        roles=[
            RoleTimeouts(
                role=role, **{name + _SUFFIX: _effective(reading, name, logical_database, role) for name in _NAMES}
            )
            for role in reading.logins
        ],
    )


def _system(reading: Reading, name: str) -> float | None:
    parameter = reading.find(name)
    return None if parameter is None else _seconds(parameter.value)


def _effective(reading: Reading, name: str, logical_database: str, role: str) -> float | None:
    parameter = reading.find(name)
    if parameter is None:
        return None
    # The nearest goes first, as it does in the server.
    found: Iterator[str | None] = (
        reading.override(name, logical_database=database, role=whose)
        for database, whose in ((logical_database, role), (None, role), (logical_database, None), (None, None))
    )
    text = next((text for text in found if text is not None), parameter.value)
    return _seconds(normal(parameter.kind, text))


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / _MILLISECONDS
