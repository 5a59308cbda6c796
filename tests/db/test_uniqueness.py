from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.databases.models import Environment, Project
from app.db.uniqueness import guarded
from app.errors import Conflict
from app.kit.ids import new_id
from app.runtime import Runtime

TAKEN = {"uq_project_name": Conflict("taken")}


async def names(runtime: Runtime) -> list[str]:
    async with runtime.sessions() as session:
        return sorted((await session.exec(select(Project.name))).all())


def project(name: str, project_id: UUID | None = None) -> Project:
    return Project(id=project_id or new_id(), name=name, created_by="test")


async def test_the_named_index_raises_its_problem_and_the_transaction_goes_on(runtime: Runtime) -> None:
    async with runtime.sessions() as session, session.begin():
        session.add(project("shop"))
        with pytest.raises(Conflict, match="taken"):
            async with guarded(session, TAKEN):
                session.add(project("shop"))
        session.add(project("other"))
    assert await names(runtime) == ["other", "shop"]


async def test_another_constraint_is_a_mistake_of_ours_and_stays_one(runtime: Runtime) -> None:
    async with runtime.sessions() as session:
        with pytest.raises(IntegrityError):
            async with guarded(session, TAKEN):
                session.add(Environment(project_id=new_id(), name="production", kind="production"))
