"""Names and texts that callers give."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr

POSTGRES_NAME_BYTES: Final = 63

# They are typed into shells, URLs and file names, so: no quotes, no slashes, no spaces at the ends.
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$",
        description="1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends.",
    ),
]


def is_storable(text: str) -> bool:
    """False for what JSON can write and PostgreSQL cannot keep: a NUL, and half of a surrogate pair."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _storable(text: str) -> str:
    if not is_storable(text):
        raise ValueError("a text holds neither NUL nor half of a surrogate pair")
    return text


def _storable_secret(secret: SecretStr) -> SecretStr:
    _storable(secret.get_secret_value())
    return secret


def _postgres_name(name: str) -> str:
    if not is_storable(name) or not 0 < len(name.encode()) <= POSTGRES_NAME_BYTES:
        raise ValueError(f"a PostgreSQL name has 1 to {POSTGRES_NAME_BYTES} bytes in UTF-8 and no NUL")
    return name


# Behind the Field of a type, so that its bounds still stand in the schema.
STORABLE: Final = AfterValidator(_storable)
STORABLE_SECRET: Final = AfterValidator(_storable_secret)

Text = Annotated[str, STORABLE]
PostgresName = Annotated[str, AfterValidator(_postgres_name)]
