"""A token of Railway's, whose kind decides by which header it travels and what may be asked with it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import SecretStr

from app.errors import Unprocessable

_TOKEN: Final = re.compile(r"[!-~]+")


class RailwayTokenMalformed(Unprocessable):
    code, title = "RAILWAY_TOKEN_MALFORMED", "This is no token"


class TokenKind(StrEnum):
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class RailwayCredential:
    kind: TokenKind
    token: SecretStr

    def __post_init__(self) -> None:
        # What cannot stand in a header would be named, in full, by the error of who tries.
        if not _TOKEN.fullmatch(self.token.get_secret_value()):
            raise RailwayTokenMalformed("The token is empty, or holds spaces or line breaks: copy it once more.")

    def headers(self) -> dict[str, str]:
        """Of the two headers always one only: Railway refuses a request that brings both, even if one is empty."""
        token = self.token.get_secret_value()
        if self.kind is TokenKind.PROJECT:
            return {"Project-Access-Token": token}
        return {"Authorization": f"Bearer {token}"}
