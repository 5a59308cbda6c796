"""What can stand against a rotation."""

from collections.abc import Sequence

from app.errors import Conflict, NotFound, Unprocessable


class LoginUnknown(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"No login of this service is named {name!r}, and no application. Only logins that it made can be rotated: "
            "make one (PUT /v1/databases/{id}/roles/{name}), or POST /v1/databases/{id}:harden."
        )


class ApplicationUnknown(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"The database has no application {name!r}. POST /v1/databases/{{id}}:harden makes one.")


class ScheduleUnknown(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"The application {name!r} is not rotated by itself.")


class RotationImpossible(Conflict):
    """The way out is in the detail."""

    code, title = "ROTATION_IMPOSSIBLE", "The login cannot be rotated so"


class ApplicationIncomplete(Conflict):
    code, title = "APPLICATION_INCOMPLETE", "The application has not two logins of which one is current"

    def __init__(self, name: str, logins: Sequence[str]) -> None:
        has = ", ".join(logins) or "none"
        super().__init__(
            f"The application {name!r} needs a current login and another one to rotate; on record: {has}. "
            "POST /v1/databases/{id}:harden with its name completes it.",
            logins=list(logins),
        )


class RoleDropped(Conflict):
    code, title = "ROLE_DROPPED", "Somebody dropped the role on the server"

    def __init__(self, role: str) -> None:
        super().__init__(
            f"The role {role!r} is on record here and not on the server: somebody dropped it. Make it again (PUT "
            "/v1/databases/{id}/roles/{name}, or :harden for one of an application), then rotate."
        )


class NewLoginRefused(Conflict):
    code, title = "NEW_LOGIN_REFUSED", "The server refuses the new password"

    def __init__(self, role: str, said: str) -> None:
        super().__init__(
            f"The server has the new password of {role!r} and still refuses it, so nobody was told of it and everything "
            f"is as it was. It says: {said} Look for a line of pg_hba.conf that this role does not pass, for VALID UNTIL "
            "of the role and for its CONNECT on the database.",
            role=role,
        )


class ServiceUnknown(Unprocessable):
    code, title = "SERVICE_UNKNOWN", "A service that is to be redeployed is not there"

    def __init__(self, names: Sequence[str], environment: str) -> None:
        super().__init__(
            f"The environment {environment} at Railway has no service {', '.join(names)}, neither by id nor by name.",
            services=list(names),
        )
