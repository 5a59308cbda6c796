"""What can stand against looking at roles and changing them."""

from uuid import UUID

from app.errors import Conflict, NotFound
from app.kit.ids import encode_id


class RoleNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"The server has no role {name!r}.")


class RoleReserved(Conflict):
    code, title = "ROLE_RESERVED", "The role is not for callers to change"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name!r} is left alone here: {reason}.", role=name)


class RoleUnmanaged(Conflict):
    code, title = "ROLE_UNMANAGED", "Nobody has said what the role is to be"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No preset of {name!r} is on record, so there is nothing to repair it by. Say what it is to be (PUT "
            "/v1/databases/{id}/roles/{name})."
        )


class CredentialNotFound(NotFound):
    def __init__(self, credential_id: UUID) -> None:
        super().__init__(f"There is no temporary credential {encode_id('crd', credential_id)} of this database.")
