"""Which projects and environments there are at Railway."""

from collections.abc import Iterable
from datetime import datetime

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayNotFound


class ProjectName(Result):
    id: str
    name: str
    deleted_at: datetime | None


class Workspace(Result):
    """``projects`` are those that are not deleted."""

    id: str
    name: str
    projects: tuple[ProjectName, ...]


class EnvironmentName(Result):
    """``can_access`` is false for a restricted one, of which nothing else can be read."""

    id: str
    name: str
    can_access: bool
    is_ephemeral: bool
    deleted_at: datetime | None


class ProjectState(Result):
    """``environments`` are those that are not deleted."""

    id: str
    name: str
    workspace_id: str | None
    environments: tuple[EnvironmentName, ...]

    def named(self, name: str) -> Iterable[EnvironmentName]:
        """Railway promises nowhere that a name is there once."""
        return (found for found in self.environments if found.name == name)

    def environment(self, environment_id: str) -> EnvironmentName | None:
        return next((found for found in self.environments if found.id == environment_id), None)


class _PageInfo(Result):
    has_next_page: bool
    end_cursor: str | None


class _ProjectEdge(Result):
    node: ProjectName


class _Projects(Result):
    edges: list[_ProjectEdge]
    page_info: _PageInfo


class _Workspace(Result):
    id: str
    name: str
    projects: _Projects


class _WorkspaceAnswer(Result):
    workspace: _Workspace


class _EnvironmentEdge(Result):
    node: EnvironmentName


class _Environments(Result):
    edges: list[_EnvironmentEdge]
    page_info: _PageInfo


class _Project(Result):
    id: str
    name: str
    workspace_id: str | None
    deleted_at: datetime | None
    environments: _Environments


class _ProjectAnswer(Result):
    project: _Project


async def read_workspace(client: RailwayClient, workspace_id: str) -> Workspace:
    """A project token is refused."""
    after, edges = None, list[_ProjectEdge]()
    while True:
        variables = {"workspaceId": workspace_id, "after": after}
        found = (await client.read(document("workspace"), variables, _WorkspaceAnswer)).workspace
        edges += found.projects.edges
        after = found.projects.page_info.end_cursor
        if not found.projects.page_info.has_next_page:
            break
    projects = tuple({edge.node.id: edge.node for edge in edges if edge.node.deleted_at is None}.values())
    return Workspace(id=found.id, name=found.name, projects=projects)


async def read_project(client: RailwayClient, project_id: str) -> ProjectState:
    """Raises RailwayNotFound for one that was deleted, too."""
    after, edges = None, list[_EnvironmentEdge]()
    while True:
        variables = {"id": project_id, "afterEnvironment": after}
        found = (await client.read(document("project"), variables, _ProjectAnswer)).project
        edges += found.environments.edges
        after = found.environments.page_info.end_cursor
        if not found.environments.page_info.has_next_page:
            break
    if found.deleted_at is not None:
        raise RailwayNotFound(f"the project {found.name} was deleted", operation="project")
    environments = {edge.node.id: edge.node for edge in edges if edge.node.deleted_at is None}
    return ProjectState(
        id=found.id, name=found.name, workspace_id=found.workspace_id, environments=tuple(environments.values())
    )
