"""What a certificate says, and whether another one signed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """``fingerprint`` is the SHA-256 of the whole certificate, in hexadecimal digits."""

    pem: str
    fingerprint: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    is_self_signed: bool

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Self:
        return cls(
            pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            names=names_of(certificate),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            is_self_signed=is_issued_by(certificate, certificate),
        )

    @classmethod
    def of_pem(cls, pem: str) -> Self:
        """Of the first certificate in it. Raises ValueError."""
        return cls.of(x509.load_pem_x509_certificate(pem.encode()))


def certificates_in(pem: str) -> list[x509.Certificate]:
    """None for what is no certificate."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Those that ``verify-full`` compares with the host: the alternative ones, else the common name."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return tuple(str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    names = [*found.get_values_for_type(x509.DNSName), *found.get_values_for_type(x509.IPAddress)]
    return tuple(str(name) for name in names)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """By its name and its key. Dates and uses are for whoever trusts it to check."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def root_among(chain: Iterable[x509.Certificate], others: Iterable[x509.Certificate] = ()) -> x509.Certificate | None:
    """What signs itself and the end of the chain: the end itself, or one of the others. One certificate, never a bundle.

    The chain is that of a server, its own certificate first.
    """
    *_, end = chain
    if is_issued_by(end, end):
        return end
    return next((one for one in others if is_issued_by(one, one) and is_issued_by(end, one)), None)
