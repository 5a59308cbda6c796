"""What can stand against a request about projects, environments and databases."""

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


class HasDependents(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, kind: str, **counts: int) -> None:
        left = " and ".join(f"{count} {noun}" for noun, count in counts.items() if count)
        super().__init__(f"The {kind} still has {left}. Delete those first.", dependents=counts)


class DatabaseNotReady(Conflict):
    """It is being made, or its making failed: there is no server to speak to yet."""

    code, title = "STATE_INVALID", "The database has no address"

    def __init__(self, database_id: UUID, state: str) -> None:
        super().__init__(
            f"{encode_id('db', database_id)} is {state} and has no address. Wait until it is available.", state=state
        )


class DatabaseStateInvalid(Conflict):
    code, title = "STATE_INVALID", "The database is in another state"

    def __init__(self, database_id: UUID, state: str, action: str) -> None:
        super().__init__(f"{encode_id('db', database_id)} is {state} and cannot be {action}.", state=state)
