"""What can stand against trusting a certificate, or against demanding one of every session."""

from app.errors import Conflict


class RootUnknown(Conflict):
    code, title = "CERTIFICATE_ROOT_UNKNOWN", "Nobody knows what signed the server's certificate"

    def __init__(self, reason: str) -> None:
        super().__init__(f"There is no root to pin: {reason}. Send the root's PEM as `ca_pem` if you have it.")


class FingerprintMismatch(Conflict):
    code, title = "CERTIFICATE_FINGERPRINT_MISMATCH", "The server's root has another fingerprint"

    def __init__(self, fingerprint: str) -> None:
        super().__init__(
            f"The root of what the server shows now has the fingerprint {fingerprint}. Compare that one with what the "
            "server's owner says: either the server was given a new certificate, or somebody stands in between.",
            fingerprint=fingerprint,
        )


class RootUnfit(Conflict):
    code, title = "CERTIFICATE_ROOT_UNFIT", "The root did not sign what the server shows"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"With this root the server's certificate is not trusted: {reason}. Nothing was pinned.", reason=reason
        )


class EnforcementByHand(Conflict):
    code, title = "TLS_ENFORCEMENT_BY_HAND", "The server's rules cannot be changed from here"

    def __init__(self, reason: str, steps: list[str]) -> None:
        super().__init__(f"Nothing was changed: {reason}. `steps` says how to do it by hand.", steps=steps)


class EnforcementUndone(Conflict):
    code, title = "TLS_ENFORCEMENT_UNDONE", "The change was taken back"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The rules are as they were before: {reason}. Nobody was locked out.", reason=reason)


class EnforcementBusy(Conflict):
    code, title, retryable = "TLS_ENFORCEMENT_BUSY", "Somebody else changes the same now", True

    def __init__(self) -> None:
        super().__init__("Another request is changing the rules of this server. Try again.", retry_after=5)
