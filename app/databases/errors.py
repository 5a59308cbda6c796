"""What can stand against a request about projects, environments and databases."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.errors import Conflict, Forbidden, NotFound
from app.kit.ids import encode_id


class ProjectNotFound(NotFound):
    def __init__(self, project_id: UUID) -> None:
        super().__init__(f"There is no project {encode_id('prj', project_id)}.")


class EnvironmentNotFound(NotFound):
    def __init__(self, environment_id: UUID) -> None:
        super().__init__(f"There is no environment {encode_id('env', environment_id)} in this project.")


class DatabaseNotFound(NotFound):
    def __init__(self, database_id: UUID) -> None:
        super().__init__(f"There is no database {encode_id('db', database_id)}.")


class ProjectForbidden(Forbidden):
    """A key for some projects would not see the one that it made."""

    code, title = "PROJECT_FORBIDDEN", "The key is bound to its projects"

    def __init__(self) -> None:
        super().__init__("A key that covers some projects cannot make another one; use a key that covers all of them.")


class NameTaken(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is already {kind} named {name} here; choose another name.")


_OR_FORGET: Final = (
    ", or only forget them, which leaves what is at Railway alone (DELETE /v1/databases/{id}?keep_server=true)"
)


class HasDependents(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, kind: str, *, database_ids: Sequence[str] = (), or_forget: bool = False, **counts: int) -> None:
        """``database_ids``: those of them that the caller may see. ``or_forget``: it is enough that we forget them."""
        left = " and ".join(f"{count} {noun.replace('_', ' ')}" for noun, count in counts.items() if count)
        super().__init__(
            f"The {kind} still has {left}. Delete those first{_OR_FORGET if or_forget else ''}.",
            dependents=counts,
            database_ids=list(database_ids),
        )


class DatabaseNotReady(Conflict):
    """It is being made, or its making failed: there is no server to speak to yet."""

    code, title = "STATE_INVALID", "The database has no address"

    def __init__(self, database_id: UUID, state: str) -> None:
        super().__init__(
            f"{encode_id('db', database_id)} is {state} and has no address. Wait until it is available.", state=state
        )


class DatabaseUnreachable(Conflict):
    """A server on Railway is private unless somebody opens it: whoever stands elsewhere cannot connect."""

    code, title = "DATABASE_UNREACHABLE", "Nothing of this installation reaches the database"

    def __init__(self, database_id: UUID, *, worker_label: str | None, suggested_label: str) -> None:
        """``worker_label``: that of the workers who do reach it, while this process is none of them."""
        path = f"/v1/databases/{encode_id('db', database_id)}"
        label = worker_label or suggested_label
        reason = (
            "is private to its environment on Railway, and no way into it is known"
            if worker_label is None
            else f"is reached by the workers of the label {worker_label} alone, and this process is none of them"
        )
        super().__init__(
            f"{encode_id('db', database_id)} {reason}. Enable public access, send network=temporary_public where a job "
            f"takes it, or run pgmanager worker --label {label} in that environment.",
            remedies=[
                {
                    "remedy": "public_access",
                    "method": "PUT",
                    "path": f"{path}/public-access",
                    "body": {"enabled": True},
                    "effect": "Its server gets a public address until you switch it off; what leaves by it is billed as egress.",
                },
                {
                    "remedy": "temporary_public",
                    "member": "network",
                    "value": "temporary_public",
                    "effect": "A backup or a restore opens a public address for itself and closes it when it ends.",
                },
                {
                    "remedy": "worker",
                    "command": f"pgmanager worker --label {label}",
                    "variables": ["PGM_DATABASE_URL", "PGM_SECRET_KEYS", "PGM_API_KEY_PEPPER"],
                    "method": "PATCH",
                    "path": path,
                    "body": {"worker_label": label},
                    "effect": "A worker beside the server, with the variables of this installation, does its jobs. Nothing "
                    "becomes public.",
                },
            ],
        )


class LabelNotApplicable(Conflict):
    code, title = "PROVIDER_CANNOT", "Only databases on Railway have a worker label"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"A database of the provider {provider} is reached by its own address; leave worker_label out.",
            provider=provider,
        )


class DatabaseStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The database is in another state"

    def __init__(self, database_id: UUID, state: str, action: str) -> None:
        super().__init__(f"{encode_id('db', database_id)} is {state} and cannot be {action}.", state=state)


class EnvironmentLinked(Conflict):
    code, title = "ENVIRONMENT_LINKED", "The environment stands for another one at Railway"

    def __init__(self, environment_id: UUID, railway_environment_id: str) -> None:
        super().__init__(
            f"{encode_id('env', environment_id)} stands for Railway's {railway_environment_id} already. Unlink it first, "
            "which needs that no database on Railway is left in it, or use another environment.",
            railway_environment_id=railway_environment_id,
        )


class EnvironmentNotLinked(Conflict):
    code, title = "ENVIRONMENT_NOT_LINKED", "The environment stands for none at Railway"

    def __init__(self, environment_id: UUID) -> None:
        super().__init__(
            f"{encode_id('env', environment_id)} is linked to no environment at Railway. Link it (PUT "
            "/v1/projects/{project_id}/environments/{environment_id}/railway-link), or create a database on Railway in it."
        )


class ConfirmationOfEnvironmentMissing(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion was not confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Deleting an environment at Railway destroys every service in it. Repeat the request with confirm={name} to "
            "say you mean it; dry_run=true shows the services."
        )


class LogicalDatabaseNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is no logical database {name!r} on the server that takes connections.")


class LogicalDatabaseReserved(Conflict):
    code, title = "LOGICAL_DATABASE_RESERVED", "The logical database is not for callers to change"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} {reason}.")


class LogicalDatabaseDiffers(Conflict):
    """Of what is chosen at creation only."""

    code, title = "LOGICAL_DATABASE_DIFFERS", "The logical database was created in another way"

    def __init__(self, name: str, differences: Mapping[str, str]) -> None:
        said = "; ".join(f"its {what} is {has}" for what, has in differences.items())
        super().__init__(
            f"{name!r} exists and {said}, which cannot change. Leave that out, or restore a backup of it into a new logical "
            "database that is made the way you want.",
            differences=dict(differences),
        )


class ConfirmationOfLogicalDatabaseMissing(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion was not confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Dropping {name!r} destroys its data, and no backup is taken by this. Back it up first (POST "
            f"/v1/databases/{{id}}/backups), then repeat the request with confirm={name}."
        )
