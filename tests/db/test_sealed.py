"""Rotation of the keys that seal secrets at rest."""

from pydantic import SecretStr

import app.models  # noqa: F401 (fills the metadata)
from app.databases.access import password_of, seal_password
from app.databases.models import Database, Environment, EnvironmentKind, Project, ProviderName
from app.db.base import metadata
from app.db.sealed import reseal
from app.kit.sealing import KeyRing
from app.locations.identity import current_recipient, identities
from app.runtime import Runtime

OLD, NEW = KeyRing.generate_key(), KeyRing.generate_key()


async def test_every_sealed_value_is_sealed_anew_once_and_opens_without_the_old_key(runtime: Runtime) -> None:
    before, both, after = (KeyRing.parse(text) for text in (f"old:{OLD}", f"new:{NEW},old:{OLD}", f"new:{NEW}"))
    async with runtime.sessions() as session, session.begin():
        recipient = await current_recipient(session, before)
        project = Project(name="shop", created_by="test")
        session.add(project)
        await session.flush()
        environment = Environment(project_id=project.id, name="production", kind=EnvironmentKind.PRODUCTION)
        session.add(environment)
        await session.flush()
        database = Database(
            project_id=project.id,
            environment_id=environment.id,
            name="shop",
            provider=ProviderName.EXTERNAL,
            created_by="test",
        )
        database.password_sealed = seal_password(database.id, SecretStr("hunter2"), before)
        without_password = database.model_copy(update={"id": project.id, "name": "making", "password_sealed": None})
        session.add(database)
        session.add(Database(**without_password.model_dump()))

    assert await reseal(runtime.sessions, both) == 2
    assert await reseal(runtime.sessions, both) == 0
    async with runtime.sessions() as session:
        kept = await session.get_one(Database, database.id)
        assert password_of(kept, after).get_secret_value() == "hunter2"
        assert [identity.recipient for identity in await identities(session, after)] == [recipient]


def test_every_table_with_a_sealed_column_has_an_id() -> None:
    sealed = {table for table in metadata.sorted_tables if any(c.name.endswith("_sealed") for c in table.columns)}
    known = {"database", "location", "age_identity", "railway_connection", "hook", "import", "login", "pooler"}
    assert {table.name for table in sealed} == known
    assert all("id" in table.primary_key.columns for table in sealed)
