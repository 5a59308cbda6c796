"""Clients by token: one limiter for each, however many use it in this process."""

import hashlib
from uuid import UUID

from pydantic import SecretStr

from app.db.engine import Sessions
from app.db.sealed import sealed_context
from app.errors import Conflict
from app.http import JsonClient
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.providers.railway.client import RailwayClient
from app.providers.railway.credential import RailwayCredential, TokenKind
from app.providers.railway.limiter import RateLimiter
from app.providers.railway.models import ConnectionState, RailwayConnection


class RailwayConnectionGone(Conflict):
    code, title = "RAILWAY_CONNECTION_GONE", "The token for Railway is gone"

    def __init__(self, connection_id: UUID) -> None:
        super().__init__(
            f"{encode_id('rwc', connection_id)} was deleted. Register a token again and link the environment to it."
        )


class RailwayClients:
    """``http`` is closed by who made it."""

    def __init__(
        self, endpoint: str, sessions: Sessions, key_ring: KeyRing, http: JsonClient, *, requests_per_second: float
    ) -> None:
        self._endpoint, self._sessions, self._key_ring, self._http = endpoint, sessions, key_ring, http
        self._per_second = requests_per_second
        self._limiters: dict[bytes, RateLimiter] = {}

    async def of(self, connection_id: UUID) -> RailwayClient:
        """Speaks with the token as it is now, since it may have been replaced. Raises RailwayConnectionGone."""
        async with self._sessions() as session:
            connection = await session.get(RailwayConnection, connection_id)
        if connection is None or connection.state == ConnectionState.DELETED:
            raise RailwayConnectionGone(connection_id)
        return self.by(credential_of(connection, self._key_ring))

    def by(self, credential: RailwayCredential) -> RailwayClient:
        """For a token that is not registered yet, too."""
        digest = hashlib.sha256(credential.token.get_secret_value().encode()).digest()
        limiter = self._limiters.setdefault(digest, RateLimiter(per_second=self._per_second))
        return RailwayClient(self._endpoint, credential, limiter, self._http)


def credential_of(connection: RailwayConnection, key_ring: KeyRing) -> RailwayCredential:
    token = key_ring.open(connection.token_sealed, context=_context(connection.id)).decode()
    return RailwayCredential(TokenKind(connection.kind), SecretStr(token))


def seal_token(connection_id: UUID, token: SecretStr, key_ring: KeyRing) -> bytes:
    """For the column ``token_sealed`` of that row."""
    return key_ring.seal(token.get_secret_value().encode(), context=_context(connection_id))


def _context(connection_id: UUID) -> str:
    return sealed_context("railway_connection", "token_sealed", connection_id)
