"""A token of Railway's, whose kind decides by which header it travels and what may be asked with it."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import SecretStr


class TokenKind(StrEnum):
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class RailwayCredential:
    kind: TokenKind
    token: SecretStr

    def headers(self) -> dict[str, str]:
        """Of the two headers always one only: Railway refuses a request that brings both, even if one is empty."""
        token = self.token.get_secret_value()
        if self.kind is TokenKind.PROJECT:
            return {"Project-Access-Token": token}
        return {"Authorization": f"Bearer {token}"}
