"""Who takes up a server's connections, as superusers and others see it."""

from dataclasses import replace

from pydantic import SecretStr

from app.postgres import session_facts
from app.postgres.connect import Session, Target
from app.postgres.identifiers import quoted
from app.postgres.session_counts import session_counts
from app.postgres.slots import slots
from tests.sessions import connect


async def test_sessions_are_counted_by_role_and_application_whoever_asks(
    admin: Session, target: Target, unique: str
) -> None:
    await admin.execute(f"CREATE ROLE {quoted(unique)} LOGIN PASSWORD '{unique}'")
    plain = replace(target, user=unique, password=SecretStr(unique))
    try:
        async with (
            connect(plain, application_name=unique) as one,
            connect(plain, application_name=unique),
            connect(target, application_name=f"{unique}-admin") as hidden,
        ):
            await one.execute("BEGIN")
            await hidden.execute("BEGIN")
            all_of_it, total = await session_counts(admin, most=100)
            seen, as_seen = await session_counts(one, most=100)
            _, of_more = await session_counts(admin, most=1)
            clients, used = (await slots(one)).clients, (await session_facts.slots(one)).used
    finally:
        await admin.execute(f"DROP ROLE {quoted(unique)}")
    counted = {(found.role, found.application_name): (found.count, found.idle_in_transaction) for found in all_of_it}
    assert counted[unique, unique] == (2, 1)
    assert counted["postgres", f"{unique}-admin"] == (1, 1)
    hidden_from_it = {(found.role, found.application_name): found.count for found in seen}
    assert hidden_from_it[unique, unique] == 2
    assert sum(found.count for found in seen if found.idle_in_transaction is None) >= 1
    # At least: sessions of earlier tests may be leaving.
    assert min(total, as_seen, of_more, clients, used) >= 4
