"""/v1/databases/{id}/certificate: what the server shows, and the root that its clients are to trust."""

from typing import Annotated

from fastapi import APIRouter, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.connections.certificate_errors import FingerprintMismatch, RootUnfit, RootUnknown
from app.connections.certificate_schemas import CertificatePin, CertificateView
from app.connections.certificate_service import Pinning, certificate_of, plan_pin
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable
from app.errors import Problem
from app.kit.ids import DatabaseId
from app.postgres.errors import ServerUnreachable, TlsFailed
from app.providers.protocol import NotSupported

router = APIRouter(prefix="/databases", tags=["connections"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.CONNECTIONS_WRITE)]


@router.get("/{database_id}/certificate", responses=raises(DatabaseNotFound, DatabaseNotReady))
async def get_certificate(database_id: DatabaseId, runtime: RuntimeDep, caller: Reader) -> CertificateView:
    """The pinned root, and the certificate that the server shows now.

    Where this process does not reach the server it is the one that was seen last, at `seen_at`.
    """
    return await certificate_of(runtime, database_id, caller)


@router.post(
    "/{database_id}/certificate:pin",
    responses=raises(
        DatabaseNotFound,
        DatabaseNotReady,
        DatabaseUnreachable,
        FingerprintMismatch,
        NotSupported,
        RootUnfit,
        RootUnknown,
        ServerUnreachable,
        TlsFailed,
    ),
)
async def pin_certificate(
    *,
    database_id: DatabaseId,
    wish: CertificatePin,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
) -> CertificateView:
    """Trusts the root of what the server shows now, since you have compared its fingerprint.

    From then on sessions of this service connect with `verify-ca`. It is only needed where that did not happen by itself:
    a login with channel binding proves the certificate, and is tried every few minutes.
    """
    try:
        planned: Pinning | Problem = await plan_pin(runtime, database_id, wish, caller)
    except Problem as refusal:
        planned = refusal
    # A refusal waits until it is known that this is no repetition: that one gets its first answer again.
    async with later.begin() as (session, once):
        if isinstance(planned, Problem):
            raise planned
        return once.keep(await planned.write(session, runtime, caller), response)
