"""Whose keys open what is stored of a project: this installation's own, and those that the project keeps in escrow.

An escrow key is a stock age key whose secret half lies outside: in a safe, with another team. Whoever holds it opens the
backups without this service, and without its database.
"""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.audit import audit
from app.auth.principal import Principal
from app.databases.errors import ProjectNotFound
from app.databases.models import Project
from app.databases.repository import ProjectRepository
from app.databases.schemas import EscrowPut
from app.kit.age import Recipient
from app.kit.etags import require_match
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.locations.identity import current_recipient


async def recipients_of(session: AsyncSession, key_ring: KeyRing, project_id: UUID) -> list[Recipient]:
    """Of everything that is encrypted for the project from now on; ours comes first."""
    ours = await current_recipient(session, key_ring)
    project = await session.get_one(Project, project_id, populate_existing=True)
    escrow = [Recipient.parse(entry["recipient"]) for entry in project.escrow_recipients]
    return list(dict.fromkeys([ours, *escrow]))


async def put_escrow(
    session: AsyncSession, project_id: UUID, wish: EscrowPut, caller: Principal, *, if_match: str | None
) -> Project:
    """Replaces all of them. Raises ProjectNotFound, PreconditionFailed."""
    project = await escrow_project(session, project_id, caller, change=True)
    require_match(if_match, project.revision)
    before = project.escrow_recipients
    project.escrow_recipients = [one.model_dump() for one in wish.recipients]
    project.revision += 1
    details: dict[str, Any] = {"before": before, "now": project.escrow_recipients}
    audit(
        session,
        caller,
        "put_escrow_recipients",
        target_type="project",
        target_id=encode_id("prj", project.id),
        project_id=project.id,
        details=details,
    )
    return project


async def escrow_project(
    session: AsyncSession, project_id: UUID, caller: Principal, *, change: bool = False
) -> Project:
    """Raises ProjectNotFound, also for one that the caller does not cover."""
    project = await ProjectRepository(session).get(project_id, caller.project_ids, change=change)
    if project is None:
        raise ProjectNotFound(project_id)
    return project
