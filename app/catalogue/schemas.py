"""What the catalogue is made of, and what came of it."""

from collections.abc import Mapping
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from app.kit.names import Name
from app.locations.models import Addressing
from app.locations.schemas import AccessKeyId, EndpointUrl, Prefix, SecretKey

_VARIABLES: Final = {
    "endpoint_url": "S3_ENDPOINT",
    "bucket": "S3_BUCKET",
    "prefix": "S3_PREFIX",
    "region": "S3_REGION",
    "addressing": "S3_ADDRESSING",
    "access_key_id": "S3_ACCESS_KEY_ID",
    "secret_access_key": "S3_SECRET_ACCESS_KEY",
    "allow_insecure": "S3_ALLOW_INSECURE",
}


class Place(BaseModel):
    """A bucket in which backups lie. Below ``prefix`` they are found at whatever depth."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = "recovered"
    endpoint_url: EndpointUrl
    bucket: str
    prefix: Prefix = ""
    region: str = "auto"
    addressing: Addressing = Addressing.VIRTUAL
    access_key_id: AccessKeyId
    secret_access_key: SecretKey
    allow_insecure: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Raises ValueError."""
        return cls.model_validate(
            {member: environment[name] for member, name in _VARIABLES.items() if environment.get(name)}
        )


class Broken(BaseModel):
    key: str
    reason: str


class RebuildReport(BaseModel):
    """``added`` counts rows by their table; what is ``broken`` was not added."""

    manifests: int = 0
    added: dict[str, int] = Field(default_factory=dict)
    known: int = 0  # backups that were there already, and were left as they are
    without_key: list[str] = Field(default_factory=list)  # backups that none of the keys at hand opens
    broken: list[Broken] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)

    def count(self, table: str) -> None:
        self.added[table] = self.added.get(table, 0) + 1

    def lines(self) -> list[str]:
        added = ", ".join(f"{count} {table}" for table, count in self.added.items()) or "nothing"
        return [
            f"{self.manifests} manifests were found. Added: {added}. Known before: {self.known} backups.",
            *(f"without a key: {backup}" for backup in self.without_key),
            *(f"broken: {one.key}: {one.reason}" for one in self.broken),
            *(f"warning: {warning}" for warning in self.warnings),
        ]
