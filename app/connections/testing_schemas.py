"""Connection tests, as callers wish for them and see them."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.auth.schemas import View
from app.connections.endpoints import EndpointKind
from app.connections.troubles.trouble import Layer
from app.kit.names import Name, PostgresName

ServiceName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/]+$")]


class ConnectionTestWish(BaseModel):
    """What is tried: by default the way and the login that applications have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: EndpointKind | None = Field(
        default=None,
        description="Which address; by default the one that this service itself uses, else the private one.",
    )
    role: PostgresName | None = Field(default=None, description="A login that is on record.")
    application: Name | None = Field(default=None, description="The current login of this application.")
    logical_database: PostgresName | None = None

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        if self.role is not None and self.application is not None:
            raise ValueError("name a role or an application, not both")
        return self


class LayerStatus(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and should be better
    FAIL = "fail"
    SKIPPED = "skipped"


class LayerView(View):
    layer: Layer
    status: LayerStatus
    detail: str = Field(description="What was found.")
    trouble: str | None = Field(description="Its row in the table of troubles, which the documentation has.")
    remedy: str | None = Field(description="What to do.")
    facts: dict[str, Any] = Field(description="What was measured; differs by layer.")


class ConnectionTestView(View):
    """Whether a connection works, layer by layer."""

    ok: bool = Field(description="No layer failed.")
    first_failure: Layer | None
    endpoint: EndpointKind
    host: str
    port: int
    role: str
    logical_database: str
    tested_from: str = Field(description="Where this test connects from: what holds here need not hold elsewhere.")
    seconds: float
    layers: list[LayerView]
