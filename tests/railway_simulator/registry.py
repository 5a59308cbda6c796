"""The operations that the platform answers: a function each, named after its field in the schema.

``@query`` and ``@mutation`` say which kinds of tokens may ask and which privilege it takes; what the caller may reach is
for the function to look at (reach.py). Arguments come by the schema's names in snake case, absent ones not at all.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic.alias_generators import to_camel

from tests.railway_simulator.errors import NotAuthorized
from tests.railway_simulator.faults import FaultKind
from tests.railway_simulator.platform import Platform
from tests.railway_simulator.tokens import TOKENS, Kind, Token


@dataclass
class Call:
    """One request: who asks, and what is to go wrong with the workflow that it starts."""

    platform: Platform
    token: Token
    workflow_fault: FaultKind | None = None


Resolver = Callable[..., Awaitable[Any]]
AnyResolver = TypeVar("AnyResolver", bound=Resolver)


@dataclass(frozen=True)
class Operation:
    name: str
    run: Resolver
    privilege: str
    kinds: frozenset[Kind]

    def check(self, call: Call) -> None:
        missing = call.platform.settings.missing_privileges
        if call.token.kind not in self.kinds or self.privilege in missing or self.name in missing:
            raise NotAuthorized
        if Kind.NOBODY not in self.kinds and not call.token.may(self.privilege, self.name):
            raise NotAuthorized


QUERIES: Final[dict[str, Operation]] = {}
MUTATIONS: Final[dict[str, Operation]] = {}


def query(privilege: str = "read", *, kinds: frozenset[Kind] = TOKENS) -> Callable[[AnyResolver], AnyResolver]:
    return _registered(QUERIES, privilege, kinds)


def mutation(privilege: str = "write", *, kinds: frozenset[Kind] = TOKENS) -> Callable[[AnyResolver], AnyResolver]:
    return _registered(MUTATIONS, privilege, kinds)


def _registered(
    operations: dict[str, Operation], privilege: str, kinds: frozenset[Kind]
) -> Callable[[AnyResolver], AnyResolver]:
    def register(run: AnyResolver) -> AnyResolver:
        name = to_camel(run.__name__)
        operations[name] = Operation(name, run, privilege, kinds)
        return run

    return register
