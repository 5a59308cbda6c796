"""Which of its three meanings a "Not Authorized" has, found out by asking more."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.credential import TokenKind
from app.providers.railway.documents import document
from app.providers.railway.errors import (
    RailwayForbidden,
    RailwayNotAuthorized,
    RailwayNotFound,
    RailwayOutOfReach,
    RailwayProblem,
    RailwayTokenInvalid,
    RailwayTokenKindWrong,
)

# What a living token of the kind is never refused.
IDENTITY: Final[Mapping[TokenKind, str]] = {
    TokenKind.ACCOUNT: "me",
    TokenKind.WORKSPACE: "apiToken",
    TokenKind.PROJECT: "projectToken",
}
_BEARERS: Final = frozenset({TokenKind.ACCOUNT, TokenKind.WORKSPACE})
# Which kinds may ask it at all; what is not named here, any may.
_ASKED_BY: Final[Mapping[str, frozenset[TokenKind]]] = {
    "me": frozenset({TokenKind.ACCOUNT}),
    "projectToken": frozenset({TokenKind.PROJECT}),
    "apiToken": _BEARERS,
    "workspace": _BEARERS,
    "environmentCreate": _BEARERS,
    "environmentDelete": _BEARERS,
    "usage": _BEARERS,
}


async def explain(
    client: RailwayClient, refusal: RailwayNotAuthorized, read_object: Callable[[], Awaitable[object]] | None = None
) -> RailwayProblem:
    """The refusal with its meaning, to be raised. ``read_object`` reads, with the same token, what was refused."""
    who = client.read(document(IDENTITY[client.credential.kind]), {}, Result)
    works = await _granted(who)
    readable = await _granted(read_object()) if works and read_object is not None else None
    return meaning(refusal, token=client.credential.kind, token_works=works, object_readable=readable)


async def _granted(reading: Awaitable[object]) -> bool | None:
    """None where Railway said neither yes nor no."""
    try:
        await reading
    except (RailwayNotAuthorized, RailwayTokenInvalid, RailwayNotFound):
        return False
    except RailwayProblem:
        return None
    return True


def meaning(
    refusal: RailwayNotAuthorized, *, token: TokenKind, token_works: bool | None, object_readable: bool | None
) -> RailwayProblem:
    """Which refusal it was, by what else was tried: asking who the token is, and reading the same object.

    None is for what was not tried: the refusal stays as it is if that leaves more than one meaning.
    """
    kind: type[RailwayProblem] = type(refusal)
    if token_works is False:
        kind = RailwayTokenInvalid
    elif token not in _ASKED_BY.get(refusal.operation, TokenKind):
        kind = RailwayTokenKindWrong
    elif object_readable:
        kind = RailwayForbidden
    elif token_works and object_readable is False:
        kind = RailwayOutOfReach
    return kind(refusal.said, operation=refusal.operation, trace_id=refusal.trace_id)
