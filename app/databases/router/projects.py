"""/v1/projects and the environments in them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Response

from app.auth.dependencies import OptionalIdempotencyDep, PagingDep, RuntimeDep, SessionDep, requires
from app.auth.errors import IdempotencyInFlight, IdempotencyMismatch
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.databases.errors import EnvironmentNotFound, HasDependents, NameTaken, ProjectForbidden, ProjectNotFound
from app.databases.repository import ProjectRepository
from app.databases.schemas import (
    EnvironmentCreate,
    EnvironmentUpdate,
    EnvironmentView,
    ProjectCreate,
    ProjectUpdate,
    ProjectView,
)
from app.databases.service.projects import ProjectService
from app.kit.etags import PreconditionFailed, entity_tag, is_known
from app.kit.ids import EnvironmentId, ProjectId, encode_id
from app.kit.pagination import CursorInvalid, Page

router = APIRouter(prefix="/projects", tags=["projects"])

ProjectReader = Annotated[Principal, requires(Scope.PROJECTS_READ)]
ProjectWriter = Annotated[Principal, requires(Scope.PROJECTS_WRITE)]
IfMatch = Annotated[str | None, Header(description="The ETag that the change was decided on; another one answers 412.")]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]


async def get_service(session: SessionDep, runtime: RuntimeDep) -> ProjectService:
    return ProjectService(session, ProjectRepository(session), runtime.clock)


Service = Annotated[ProjectService, Depends(get_service)]


@router.get("", responses=raises(CursorInvalid))
async def list_projects(caller: ProjectReader, service: Service, paging: PagingDep) -> Page[ProjectView]:
    """Newest first; a key that covers some projects sees those."""
    (before,) = paging.after() or (None,)
    projects = await service.projects.page(caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(projects, ProjectView.of, position=lambda project: (project.id,))


@router.post(
    "", status_code=201, responses=raises(ProjectForbidden, NameTaken, IdempotencyInFlight, IdempotencyMismatch)
)
async def create_project(
    wish: ProjectCreate, caller: ProjectWriter, once: OptionalIdempotencyDep, service: Service, response: Response
) -> ProjectView:
    """Makes a project with one environment, `production`."""
    project = await service.create(wish, caller)
    response.headers["Location"] = f"/v1/projects/{encode_id('prj', project.id)}"
    response.headers["ETag"] = entity_tag(project.revision)
    return once.keep(ProjectView.of(project), response)


@router.get("/{project_id}", responses=raises(ProjectNotFound))
async def get_project(
    project_id: ProjectId,
    caller: ProjectReader,
    service: Service,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> ProjectView:
    """One project. Its environments stand below `/environments`."""
    project = await service.get(project_id, caller)
    _tag(response, if_none_match, project.revision)
    return ProjectView.of(project)


@router.patch("/{project_id}", responses=raises(ProjectNotFound, NameTaken, PreconditionFailed))
async def update_project(
    *,
    project_id: ProjectId,
    wish: ProjectUpdate,
    caller: ProjectWriter,
    service: Service,
    response: Response,
    if_match: IfMatch = None,
) -> ProjectView:
    """Renames a project. Names are unique among the projects that are not deleted."""
    project = await service.update(project_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(project.revision)
    return ProjectView.of(project)


@router.delete(
    "/{project_id}",
    status_code=204,
    responses=raises(ProjectNotFound, HasDependents, IdempotencyInFlight, IdempotencyMismatch),
)
async def delete_project(
    project_id: ProjectId, caller: ProjectWriter, once: OptionalIdempotencyDep, service: Service, response: Response
) -> None:
    """Removes a project and its environments once it has no databases and no locations."""
    await service.delete(project_id, caller)
    once.keep_empty(response)


@router.get("/{project_id}/environments", responses=raises(ProjectNotFound, CursorInvalid))
async def list_environments(
    project_id: ProjectId, caller: ProjectReader, service: Service, paging: PagingDep
) -> Page[EnvironmentView]:
    """Newest first."""
    await service.get(project_id, caller)
    (before,) = paging.after() or (None,)
    environments = await service.projects.environments(project_id, before=before, limit=paging.probe)
    return paging.cut(environments, EnvironmentView.of, position=lambda environment: (environment.id,))


@router.post(
    "/{project_id}/environments",
    status_code=201,
    responses=raises(ProjectNotFound, NameTaken, IdempotencyInFlight, IdempotencyMismatch),
)
async def create_environment(
    *,
    project_id: ProjectId,
    wish: EnvironmentCreate,
    caller: ProjectWriter,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
) -> EnvironmentView:
    """Adds an environment; its kind decides which safeguards its databases get."""
    environment = await service.create_environment(project_id, wish, caller)
    path = f"/v1/projects/{encode_id('prj', project_id)}/environments/{encode_id('env', environment.id)}"
    response.headers["Location"] = path
    response.headers["ETag"] = entity_tag(environment.revision)
    return once.keep(EnvironmentView.of(environment), response)


@router.get("/{project_id}/environments/{environment_id}", responses=raises(ProjectNotFound, EnvironmentNotFound))
async def get_environment(
    *,
    project_id: ProjectId,
    environment_id: EnvironmentId,
    caller: ProjectReader,
    service: Service,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> EnvironmentView:
    """One environment of the project."""
    environment = await service.get_environment(project_id, environment_id, caller)
    _tag(response, if_none_match, environment.revision)
    return EnvironmentView.of(environment)


@router.patch(
    "/{project_id}/environments/{environment_id}",
    responses=raises(ProjectNotFound, EnvironmentNotFound, NameTaken, PreconditionFailed),
)
async def update_environment(
    *,
    project_id: ProjectId,
    environment_id: EnvironmentId,
    wish: EnvironmentUpdate,
    caller: ProjectWriter,
    service: Service,
    response: Response,
    if_match: IfMatch = None,
) -> EnvironmentView:
    """Renames an environment, or changes its kind."""
    environment = await service.update_environment(project_id, environment_id, wish, caller, if_match=if_match)
    response.headers["ETag"] = entity_tag(environment.revision)
    return EnvironmentView.of(environment)


@router.delete(
    "/{project_id}/environments/{environment_id}",
    status_code=204,
    responses=raises(ProjectNotFound, EnvironmentNotFound, HasDependents, IdempotencyInFlight, IdempotencyMismatch),
)
async def delete_environment(
    *,
    project_id: ProjectId,
    environment_id: EnvironmentId,
    caller: ProjectWriter,
    once: OptionalIdempotencyDep,
    service: Service,
    response: Response,
) -> None:
    """Removes an environment once it has no databases."""
    await service.delete_environment(project_id, environment_id, caller)
    once.keep_empty(response)


def _tag(response: Response, if_none_match: str | None, revision: int) -> None:
    """Names the revision, and ends the request when the caller has it already."""
    if is_known(if_none_match, revision):
        raise HTTPException(304, headers={"ETag": entity_tag(revision)})
    response.headers["ETag"] = entity_tag(revision)
