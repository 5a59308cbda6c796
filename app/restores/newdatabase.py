"""The row of a database that a restore will be the contents of."""

import secrets
from typing import Final

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.principal import Principal
from app.databases.access import seal_password
from app.databases.errors import EnvironmentNotFound
from app.databases.models import Database, DatabaseState
from app.databases.repository import DatabaseRepository, ProjectRepository
from app.kit.ids import new_id
from app.locations.holdings import Backup
from app.locations.manifest import Manifest
from app.postgres.connect import TlsMode
from app.postgres.errors import ToolMissing
from app.restores.errors import RestoreImpossible
from app.restores.planning import client_for
from app.restores.schemas import IntoNewDatabase
from app.runtime import Runtime

_USERNAME: Final = "postgres"
_PASSWORD_BYTES: Final = 24
_NEWEST_MAJOR: Final = 18


async def new_database(
    session: AsyncSession,
    runtime: Runtime,
    target: IntoNewDatabase,
    *,
    backup: Backup,
    manifest: Manifest,
    caller: Principal,
) -> Database:
    """In `creating`, its default logical database named as the backed up one. Raises NameTaken, EnvironmentNotFound."""
    provider = runtime.providers.get(target.provider)
    if provider is None:
        raise RestoreImpossible(f"This installation offers no provider {target.provider}.")
    source = await session.get_one(Database, backup.database_id)
    environment_id = target.environment_id or source.environment_id
    environment = await ProjectRepository(session).environment(environment_id, backup.project_id, hold=True)
    if environment is None:
        raise EnvironmentNotFound(environment_id)
    database_id = new_id()
    database = Database(
        id=database_id,
        project_id=backup.project_id,
        environment_id=environment.id,
        name=target.name,
        provider=target.provider,
        state=DatabaseState.CREATING,
        wanted_major=_major(runtime, target.major, manifest),
        username=_USERNAME,
        default_database=backup.logical_database,
        password_sealed=seal_password(database_id, SecretStr(secrets.token_urlsafe(_PASSWORD_BYTES)), runtime.key_ring),
        host_id=runtime.host_id if provider.capabilities.bound_to_host else None,
        created_by=caller.actor,
    )
    await DatabaseRepository(session).add(database)
    return database


def _major(runtime: Runtime, wanted: int | None, manifest: Manifest) -> int:
    """That of the backed up server where its programs are here, else the next one that can be restored into."""
    own = manifest.versions.server_major
    if wanted is not None:
        _check(runtime, wanted, manifest)
        return wanted
    missing: ToolMissing | None = None
    for major in range(max(own, manifest.versions.client_major), _NEWEST_MAJOR + 1):
        try:
            _check(runtime, major, manifest)
        except ToolMissing as error:
            missing = missing or error
        else:
            return major
    raise missing or RestoreImpossible(f"No server of PostgreSQL {own} or newer can be made here.")


def _check(runtime: Runtime, major: int, manifest: Manifest) -> None:
    """Raises VersionUnsupported, ToolMissing."""
    client_for(runtime.toolchain, manifest, major, TlsMode.PREFER)
    runtime.toolchain.server(major)
