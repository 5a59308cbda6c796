import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.engine import create_engine
from app.db.errors import ControlDatabaseUnreachable, translate


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
async def test_an_address_may_be_what_libpq_prints(database_url: str, scheme: str) -> None:
    url = f"{scheme}{database_url.removeprefix('postgresql')}?sslmode=disable"
    engine = create_engine(url, application_name="pgmanager-test", pooled=False)
    async with engine.connect() as connection:
        named = (await connection.execute(text("SHOW application_name"))).scalar_one()
    assert named == "pgmanager-test"


async def test_a_database_that_is_not_there_is_an_error_of_the_database() -> None:
    engine = create_engine("postgresql://nobody:hunter22@127.0.0.1:1/none", application_name="pgmanager-test")
    with pytest.raises(DBAPIError) as caught:
        await engine.connect()
    assert isinstance(translate(caught.value), ControlDatabaseUnreachable)
    assert "hunter22" not in f"{caught.value!r} {engine!r}"
