"""The certificate of a server, as callers see and confirm it."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.connections.models import CertificateState, PinnedBy
from app.kit.names import Text
from app.postgres.certificate_facts import CertificateFacts
from app.postgres.connect import TlsMode

_FINGERPRINT_DIGITS = 64


def _fingerprint(text: str) -> str:
    digits = text.replace(":", "").replace(" ", "").lower()
    if len(digits) != _FINGERPRINT_DIGITS or set(digits) - set("0123456789abcdef"):
        raise ValueError("a SHA-256 fingerprint has 64 hexadecimal digits; colons between them are fine")
    return digits


class CertificateDetails(View):
    """One certificate. `names` are what `verify-full` compares with the host."""

    pem: str
    fingerprint: str = Field(description="SHA-256 of the whole certificate, in hexadecimal digits.")
    subject: str
    issuer: str
    names: list[str]
    not_before: datetime
    not_after: datetime
    is_self_signed: bool

    @classmethod
    def of(cls, facts: CertificateFacts) -> "CertificateDetails":
        return cls(
            pem=facts.pem,
            fingerprint=facts.fingerprint,
            subject=facts.subject,
            issuer=facts.issuer,
            names=list(facts.names),
            not_before=facts.not_before,
            not_after=facts.not_after,
            is_self_signed=facts.is_self_signed,
        )


class CertificateView(View):
    """What the server shows, and what its clients should trust."""

    state: CertificateState
    reason: str | None = Field(description="Why nothing is pinned, or what is wrong.")
    tls_mode: TlsMode = Field(description="How this service's own sessions connect.")
    pinned: CertificateDetails | None = Field(
        description="The root that those trust; its `pem`, in a cluster with those of the other members behind it, is "
        "`sslrootcert` of other clients."
    )
    pinned_by: PinnedBy | None = Field(
        description="Null where nothing is, or where the pin was given with the address or is that of a server made here."
    )
    pinned_at: datetime | None
    shown: CertificateDetails | None = Field(description="The server's own certificate.")
    root: CertificateDetails | None = Field(
        description="What signed the certificate that is shown, where it can be known: its fingerprint is what `:pin` takes."
    )
    seen_at: datetime | None = Field(description="When the server was looked at; null if nobody has got there yet.")


class CertificatePin(BaseModel):
    """`ca_pem` is for a root that the server neither sends nor lets us read."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: Annotated[Text, AfterValidator(_fingerprint)] = Field(
        max_length=200, description="SHA-256 of the root to trust, compared by you with what its owner says."
    )
    ca_pem: Annotated[Text, Field(min_length=1, max_length=64 * 1024)] | None = None
