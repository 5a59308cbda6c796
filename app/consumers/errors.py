"""What can stand against leading a service to a database."""

from app.errors import NotFound, Unprocessable


class ServiceNotFound(NotFound):
    def __init__(self, service: str, environment: str) -> None:
        super().__init__(
            f"The environment {environment} at Railway has no service {service}, neither by id nor by name."
        )


class ConsumerNotFound(NotFound):
    def __init__(self, service: str, variable: str) -> None:
        super().__init__(
            f"The variable {variable} of {service} does not refer to this database, so there is nothing to remove."
        )


class ConsumerInvalid(Unprocessable):
    code, title = "CONSUMER_INVALID", "This cannot be led to the database"
