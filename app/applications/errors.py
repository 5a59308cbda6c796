"""What can stand against giving an application roles of its own, or taking them away."""

from collections.abc import Sequence

from app.errors import Conflict, NotFound, Unprocessable


class ApplicationNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"The database has no application {name!r}. POST /v1/databases/{{id}}:harden makes one.")


class RolesTaken(Conflict):
    code, title = "ROLES_TAKEN", "The server has roles of these names already"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"The server has {', '.join(map(repr, names))} already, and not for this application. Nothing was changed: choose "
            "another name for the application, or rename or drop those roles first.",
            roles=list(names),
        )


class ApplicationElsewhere(Conflict):
    code, title = "APPLICATION_ELSEWHERE", "The application is at home in another logical database"

    def __init__(self, name: str, logical_database: str) -> None:
        super().__init__(
            f"The application {name!r} owns what is in the logical database {logical_database!r}. Leave logical_database out, "
            "or choose another name for one in another logical database.",
            logical_database=logical_database,
        )


class SuccessorInvalid(Unprocessable):
    code, title = "SUCCESSOR_INVALID", "The successor goes with the application"

    def __init__(self, role: str) -> None:
        super().__init__(f"{role!r} is one of the application's own roles, which are dropped; name another one.")


class ApplicationHasConsumers(Conflict):
    code, title = "APPLICATION_HAS_CONSUMERS", "Services still refer to the application's login"

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__(
            f"These variables at Railway still lead to it: {', '.join(references)}. Lead those services elsewhere first (PUT "
            "/v1/databases/{id}/consumers/{service}), and redeploy them.",
            references=list(references),
        )


class DeletionNotConfirmed(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion was not confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Deleting an application ends its sessions and drops its logins. Repeat the request with confirm={name} to say "
            "you mean it; dry_run=true tells what it owns."
        )
