"""What can stand against a hook, or a message to one."""

from uuid import UUID

from app.errors import BadRequest, Conflict, NotFound, Unauthorized, Unprocessable
from app.kit.ids import encode_id


class HookNotFound(NotFound):
    def __init__(self, hook_id: UUID) -> None:
        super().__init__(f"There is no hook {encode_id('hok', hook_id)}.")


class SignatureInvalid(Unauthorized):
    """The same for a hook that does not exist, so that nobody learns which ones do."""

    code, title = "SIGNATURE_INVALID", "The message is not from who it should be"

    def __init__(self) -> None:
        super().__init__(
            "There is no such hook, or the message does not prove that its sender knows the hook's secret. Compare the "
            "address and the secret at the sender; POST /v1/hooks/{hook_id}:rotate gives a new one."
        )


class MessageMalformed(BadRequest):
    code, title = "BODY_MALFORMED", "The message cannot be read"

    def __init__(self) -> None:
        super().__init__("The message is signed, but is no JSON object. Send JSON, or GitHub's form that holds it.")


class EnvironmentNotLinked(Unprocessable):
    code, title = "ENVIRONMENT_NOT_LINKED", "The environment stands for none at Railway"

    def __init__(self, environment_id: UUID) -> None:
        super().__init__(
            f"{encode_id('env', environment_id)} is not linked to an environment at Railway, so there is nothing to look "
            "at. Link it, or create a database on Railway in it."
        )


class HookCannotAct(Conflict):
    code, title = "HOOK_CANNOT_ACT", "What the hook should do is not possible now"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was started: {reason}. Mend that, then have the sender deliver the message again.")
