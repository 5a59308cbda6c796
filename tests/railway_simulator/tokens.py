"""Who asks: which header brought which kind of token, and what it may do.

A token has the privileges of its kind unless it is made with fewer. They are ``read``, ``write`` (services, volumes,
variables, deployments, proxies, staged changes), ``environments`` (create and delete them), ``snapshots`` (every change
of a volume's backups) and ``usage``; an operation's own name counts as a privilege too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.railway_simulator.errors import NotAuthorized, Refusal


class Kind(StrEnum):
    NOBODY = "nobody"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    PROJECT = "project"


BEARERS: Final = frozenset({Kind.ACCOUNT, Kind.WORKSPACE})
TOKENS: Final = BEARERS | {Kind.PROJECT}
EVERYBODY: Final = TOKENS | {Kind.NOBODY}


@dataclass(frozen=True)
class Token:
    """``workspace_id`` is None for an account's, which reaches all; a project token's ``environment_id`` is its reach."""

    id: str
    kind: Kind
    secret: str
    name: str = ""
    workspace_id: str | None = None
    environment_id: str | None = None
    privileges: frozenset[str] | None = None

    def may(self, privilege: str, operation: str) -> bool:
        return self.privileges is None or not self.privileges.isdisjoint({privilege, operation})


NOBODY: Final = Token(id="", kind=Kind.NOBODY, secret="")


def caller(headers: Mapping[str, str], tokens: Mapping[str, Token]) -> Token:
    """Raises Refusal. Names of headers are in lower case."""
    bearer, project = headers.get("authorization"), headers.get("project-access-token")
    if bearer is not None and project is not None:
        raise Refusal("Not Authorized", code="UNAUTHENTICATED")
    if project is not None:
        found = tokens.get(project)
        if found is None or found.kind is not Kind.PROJECT:
            raise Refusal("Project Token not found")
        return found
    if bearer is None:
        return NOBODY
    scheme, _, secret = bearer.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Refusal("Not Authorized", code="UNAUTHENTICATED")
    found = tokens.get(secret.strip())
    if found is None or found.kind not in BEARERS:
        raise NotAuthorized
    return found
