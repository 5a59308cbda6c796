"""Locations as callers see them, and the job that keeps them clean."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from app.auth.schemas import View
from app.auth.scopes import Scope
from app.errors import ProblemDocument
from app.jobs.contract import JobArgs
from app.kit.ids import LocationId, ProjectId, encode_id
from app.kit.names import STORABLE_SECRET, Name
from app.locations.models import Addressing, Location, LocationState
from app.storage.limits import LEAST_BYTES_PER_SECOND
from app.storage.probe import ProbeReport
from app.storage.s3 import LockMode, ServerSideEncryption
from app.storage.store import MAX_PARTS

_DEFAULT_PORTS = {"https": 443, "http": 80}


def _normalised_endpoint(url: str) -> str:
    """One spelling for one place; what is no address is left to the address guard, which says why."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment or not parts.hostname:
        return url
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return (
        f"{parts.scheme}://{host}"
        if port in (None, _DEFAULT_PORTS.get(parts.scheme))
        else f"{parts.scheme}://{host}:{port}"
    )


def _normalised_prefix(prefix: str) -> str:
    segments = prefix.strip("/").split("/")
    if (len(segments) > 1 and "" in segments) or not {".", ".."}.isdisjoint(segments):
        raise ValueError("a prefix has no empty segments, and none that is . or ..")
    return "/".join(segments)


EndpointUrl = Annotated[
    str,
    Field(max_length=255, pattern=r"^[!-~]+$", examples=["https://s3.eu-central-1.amazonaws.com"]),
    AfterValidator(_normalised_endpoint),
]
Prefix = Annotated[
    str,
    Field(
        max_length=255,
        pattern=r"^[A-Za-z0-9!_.'()/=+-]*$",
        description="All objects lie below it. Slashes at the ends are dropped.",
        examples=["backups/shop"],
    ),
    AfterValidator(_normalised_prefix),
]
AccessKeyId = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[!-~]+$")]
SecretKey = Annotated[SecretStr, Field(min_length=1, max_length=1024), STORABLE_SECRET]
KmsKeyId = Annotated[str, Field(min_length=1, max_length=2048, pattern=r"^[!-~]+$")]
MaxParts = Annotated[
    int,
    Field(
        ge=100,
        le=MAX_PARTS,
        description="Parts that one upload may have there: most stores allow 10000, some 1000. All parts of an upload but the "
        "last have one size, which is chosen by this.",
    ),
]
UploadRate = Annotated[
    int,
    Field(
        ge=LEAST_BYTES_PER_SECOND,
        le=1 << 40,
        description="Most bytes a second that one worker sends there, all of its jobs together.",
    ),
]


class LockWish(BaseModel):
    """How long every object is locked from when it is written. The store then refuses to delete it, whoever asks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: LockMode = Field(description="GOVERNANCE: who has a special right may lift it. COMPLIANCE: nobody may.")
    days: int = Field(ge=1, le=36500)


class LocationCreate(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    project_id: ProjectId
    name: Name
    endpoint_url: EndpointUrl
    bucket: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$", description="It must exist.", examples=["backups"]
    )
    prefix: Prefix = ""
    region: str = Field(default="auto", pattern=r"^[A-Za-z0-9-]{1,64}$", examples=["eu-central-1"])
    addressing: Addressing = Field(
        default=Addressing.VIRTUAL, description="Where the bucket's name stands: in the host or in the path."
    )
    access_key_id: AccessKeyId
    secret_access_key: SecretKey
    allow_insecure: bool = Field(default=False, description="Accept an endpoint without TLS, if the operator does too.")
    is_default: bool = Field(
        default=False, description="Where the project's backups go that name no location; the first one always is."
    )
    max_parts: MaxParts | None = None
    max_upload_bytes_per_second: UploadRate | None = None
    sse: ServerSideEncryption | None = Field(
        default=None,
        description="Ask the store to encrypt what it keeps. Refused when the store does not say that it did.",
    )
    kms_key_id: KmsKeyId | None = Field(
        default=None, description="With sse aws:kms; the bucket's own key when not given."
    )
    object_lock: LockWish | None = Field(
        default=None, description="Only for a bucket that was made with object lock; refused for another one."
    )

    @model_validator(mode="after")
    def _key_of_kms(self) -> Self:
        if self.kms_key_id is not None and self.sse is not ServerSideEncryption.KMS:
            raise ValueError("kms_key_id comes with sse aws:kms")
        return self


class LocationUpdate(BaseModel):
    """Members that are absent or null stay as they are. Where a location is cannot change: copies lie there.

    Nor can encryption and lock of what is written there, which is why an old backup and a new one do not differ in them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    is_default: bool | None = None
    access_key_id: AccessKeyId | None = None
    secret_access_key: SecretKey | None = None
    max_parts: MaxParts | None = None
    max_upload_bytes_per_second: Literal[0] | UploadRate | None = Field(
        default=None, description="0: no limit any more."
    )

    @model_validator(mode="after")
    def _whole_credentials(self) -> Self:
        if self.access_key_id is not None and self.secret_access_key is None:
            raise ValueError("a new access_key_id comes with its secret_access_key")
        return self


class LocationView(View):
    """A location, without the secret key, which never leaves."""

    id: LocationId
    project_id: ProjectId
    name: str
    state: LocationState
    is_default: bool
    endpoint_url: str
    bucket: str
    prefix: str
    region: str
    addressing: Addressing
    access_key_id: str
    allow_insecure: bool
    max_parts: int | None
    max_upload_bytes_per_second: int | None
    sse: ServerSideEncryption | None
    kms_key_id: KmsKeyId | None
    object_lock: LockWish | None
    capabilities: dict[str, Any] = Field(description="What the last successful probe found the store able to do.")
    probed_at: datetime | None
    probe_error: ProblemDocument | None = Field(description="A problem document, when the last probe failed.")
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, location: Location) -> Self:
        return cls.model_validate(location.model_dump(exclude={"secret_key_sealed"}))


class ProbeView(View):
    """How trying out a location went. That it failed is the finding here, not an error of the request."""

    passed: bool
    error: ProblemDocument | None = Field(description="The problem document of the step that failed.")
    honours_if_none_match: bool
    lists_uploads: bool
    keeps_versions: bool = Field(description="A deletion there would only hide an object, so all versions are deleted.")
    object_lock: bool
    clock_skew_seconds: float
    seconds: dict[str, float] = Field(description="Time taken by each step.")
    warnings: list[str]

    @classmethod
    def of(cls, report: ProbeReport, error: ProblemDocument | None) -> Self:
        return cls(
            passed=error is None,
            error=error,
            honours_if_none_match=report.honours_if_none_match,
            lists_uploads=report.lists_uploads,
            keeps_versions=report.keeps_versions,
            object_lock=report.object_lock,
            clock_skew_seconds=report.clock_skew_seconds,
            seconds=report.seconds,
            warnings=report.warnings,
        )


class SweepLocation(JobArgs, kind="location.sweep", conflict=None, scope=Scope.LOCATIONS_WRITE, attempts=3):
    """Aborts uploads that nobody will ever end."""

    location_id: LocationId

    def subject_id(self) -> str | None:
        return encode_id("loc", self.location_id)
