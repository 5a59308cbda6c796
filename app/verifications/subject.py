"""What is verified: a backup, its manifest, and the copy in one location."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from app.jobs.run import Run
from app.kit.age import Identity
from app.locations.access import open_store
from app.locations.archives import RESTORABLE, Archives
from app.locations.holdings import Backup, BackupState
from app.locations.identity import identities
from app.locations.manifest import Manifest
from app.locations.models import Location
from app.postgres.server_user import server_user
from app.postgres.toolchain import Installation
from app.runtime import Runtime
from app.storage.store import ObjectStore
from app.verifications.errors import BackupNotVerifiable
from app.verifications.models import VerificationState
from app.verifications.repository import VerificationRepository
from app.verifications.schemas import CopyCheck, VerifyBackup

Verdict = Literal[VerificationState.FAILED, VerificationState.UNVERIFIABLE]


class VerificationMemo(BaseModel):
    """``verdict`` is on the backup itself, whatever its copies are like; ``problem`` says why."""

    checks: list[CopyCheck] = Field(default_factory=list)
    tried: list[UUID] = Field(default_factory=list)  # locations that a restore was begun from
    warnings: list[str] = Field(default_factory=list)
    verdict: Verdict | None = None
    problem: dict[str, Any] | None = None


VerifyRun: TypeAlias = Run[VerifyBackup, VerificationMemo]


@dataclass(frozen=True, slots=True)
class Subject:
    backup: Backup
    manifest: Manifest
    locations: Sequence[Location]
    identities: Sequence[Identity]


async def read_subject(run: VerifyRun, runtime: Runtime) -> Subject:
    """``locations`` have a copy to be looked at, the longest unseen first. Raises BackupNotVerifiable."""
    async with run.reading() as session:
        backup = await Archives(session).get(run.args.backup_id, None)
        if backup is None or backup.state not in RESTORABLE:
            raise BackupNotVerifiable(run.args.backup_id, backup.state if backup else BackupState.DELETED)
        return Subject(
            backup=backup,
            manifest=await Archives(session).manifest(backup.id),
            locations=await VerificationRepository(session).locations(backup.id, run.args.location_id),
            identities=await identities(session, runtime.key_ring),
        )


async def store_of(location: Location, runtime: Runtime) -> ObjectStore:
    return await open_store(runtime.stores, runtime.key_ring, location)


def run_as(runtime: Runtime, client: Installation) -> tuple[int, int] | None:
    user = server_user(runtime.settings.postgres.run_as_user)
    if user is None:
        return None
    user.check_reach([client.bin_dir])
    return user.uid, user.gid
