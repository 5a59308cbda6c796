"""What can stand against a token for Railway."""

from collections.abc import Sequence
from uuid import UUID

from app.errors import Conflict, NotFound, Unprocessable
from app.kit.ids import encode_id
from app.providers.railway.credential import TokenKind

_MADE_AT = {
    TokenKind.ACCOUNT: "an account token is made in the account's settings, without a workspace",
    TokenKind.WORKSPACE: "a workspace token is made in the account's settings, for that workspace",
    TokenKind.PROJECT: "a project token is made in the project's settings, for one environment",
}


class ConnectionNotFound(NotFound):
    def __init__(self, connection_id: UUID) -> None:
        super().__init__(f"There is no Railway connection {encode_id('rwc', connection_id)}.")


class ProjectUnknown(NotFound):
    def __init__(self, project_id: UUID) -> None:
        super().__init__(f"There is no project {encode_id('prj', project_id)}.")


class NameTaken(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"The project has a Railway connection {name} already; choose another name.")


class ConnectionInUse(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, environments: Sequence[UUID]) -> None:
        linked = [encode_id("env", environment_id) for environment_id in environments]
        super().__init__(
            f"The token reaches Railway for {', '.join(linked)}. Unlink those environments first, or replace the token "
            "by PATCH.",
            environment_ids=linked,
        )


class TokenKindWrong(Unprocessable):
    code, title = "RAILWAY_TOKEN_KIND_WRONG", "This cannot be done with a token of this kind"

    def __init__(self, said: TokenKind, found: TokenKind) -> None:
        super().__init__(
            f"The token is of the kind {found}, not {said}. Say {found}, leave the kind out, or create another: "
            f"{_MADE_AT[said]}.",
            kind=found.value,
        )


class TokenInvalid(Unprocessable):
    code, title = "RAILWAY_TOKEN_INVALID", "Railway does not accept the token"

    def __init__(self) -> None:
        super().__init__(
            "Railway accepts it neither as an account's, nor as a workspace's, nor as a project's token: it expired, was "
            "deleted, or was not copied whole. Create another one."
        )


class TokenElsewhere(Unprocessable):
    """It would be accepted, and what is linked would be out of reach."""

    code, title = "RAILWAY_TOKEN_ELSEWHERE", "The token belongs to another place at Railway"

    def __init__(self, railway_environment_id: str, why: str) -> None:
        super().__init__(
            f"An environment of yours is linked to {railway_environment_id}, which the new token cannot read: "
            f"{why} Use a token that sees the same environments, or unlink that one first.",
            railway_environment_id=railway_environment_id,
        )


class SchemaNotChecked(NotFound):
    def __init__(self) -> None:
        super().__init__(
            "Railway's schema has not been looked at within the last month; it is once a week while a token is registered. "
            "`pgmanager railway schema-check` looks at once."
        )
