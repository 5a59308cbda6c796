"""Who may make roles without being a superuser: from 16 on, no full member of what it makes."""

from dataclasses import replace

from pydantic import SecretStr

from app.connections.logins import new_password
from app.postgres.connect import Target
from app.postgres.identifiers import literal
from app.postgres.presets import Aim, RolePreset
from app.postgres.role_facts import holdings, role
from app.postgres.role_making import make, plan
from app.postgres.role_removal import remove
from app.postgres.role_wishes import RoleWish
from tests.planted import plant
from tests.sessions import connect


async def test_they_make_and_remove_roles_with_what_those_own(target: Target) -> None:
    maker, password, name = f"{target.user}_maker", new_password().get_secret_value(), f"{target.user}_made"
    plant("the password of who makes roles", password)
    aim, here = Aim(RolePreset.WRITE, ("shop",)), (target.database,)
    wish = RoleWish(name, login=True, aim=aim, logical_databases=here, settings={"lock_timeout": "5s"})
    async with connect(target, application_name="test") as admin:
        await admin.execute(
            f"CREATE ROLE {maker} LOGIN CREATEROLE PASSWORD {literal(password)};"
            f"GRANT CONNECT ON DATABASE {target.database} TO {maker} WITH GRANT OPTION;"
            f"CREATE SCHEMA shop AUTHORIZATION {maker}; CREATE TABLE shop.item (id serial);"
            f"ALTER TABLE shop.item OWNER TO {maker}"
        )
        own = replace(target, user=maker, password=SecretStr(password))
        await make(own, wish)
        assert (await plan(own, wish)).statements == []
        await admin.execute(f"CREATE TABLE public.theirs (id integer); ALTER TABLE public.theirs OWNER TO {name}")
        assert (target.database, 1) in [(one.logical_database, one.owned) for one in await holdings(admin, name)]
        assert (await remove(own, name, successor=maker, terminate=True)).reassigned == {target.database: 1}
        assert await admin.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'") == maker
        assert await role(admin, name) is None
