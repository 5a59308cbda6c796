"""/v1/projects/{id}/escrow-recipients."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.auth.dependencies import OptionalIdempotencyDep, RuntimeDep, SessionDep, requires
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import ProjectNotFound
from app.databases.escrow import escrow_project, put_escrow, recipients_of
from app.databases.models import Project
from app.databases.schemas import EscrowPut, EscrowView
from app.kit.etags import PreconditionFailed, entity_tag
from app.kit.ids import ProjectId
from app.runtime import Runtime

router = APIRouter(prefix="/projects/{project_id}/escrow-recipients", tags=["projects"])

Reader = Annotated[Principal, requires(Scope.PROJECTS_READ)]
# Whoever adds a key can read every later backup with it.
Writer = Annotated[Principal, requires(Scope.PROJECTS_WRITE, Scope.BACKUPS_DOWNLOAD)]


@router.get("", responses=raises(ProjectNotFound))
async def get_escrow_recipients(
    project_id: ProjectId, caller: Reader, session: SessionDep, runtime: RuntimeDep, response: Response
) -> EscrowView:
    """Whose keys open the project's backups besides that of this installation, which is shown as well."""
    project = await escrow_project(session, project_id, caller)
    response.headers["ETag"] = entity_tag(project.revision)
    return await _view(session, runtime, project)


@router.put("", responses=raises(ProjectNotFound, PreconditionFailed, IdempotencyInFlight, IdempotencyMismatch))
async def put_escrow_recipients(
    *,
    project_id: ProjectId,
    wish: EscrowPut,
    caller: Writer,
    session: SessionDep,
    once: OptionalIdempotencyDep,
    runtime: RuntimeDep,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> EscrowView:
    """Replaces them for everything that is encrypted from now on. What is stored stays as it was written.

    Needs `backups:download` as well, since whoever adds a key of his own can read every later backup.
    """
    project = await put_escrow(session, project_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(project.revision)
    return once.keep(await _view(session, runtime, project), response)


async def _view(session: SessionDep, runtime: Runtime, project: Project) -> EscrowView:
    await session.flush()
    ours, *_ = await recipients_of(session, runtime.key_ring, project.id)
    return EscrowView.model_validate({"installation": str(ours), "recipients": project.escrow_recipients})
