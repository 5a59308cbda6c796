"""What is at the simulated Railway at the end, against the rows that say what should be there."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import select

from app.databases.models import Database, DatabaseState
from tests.e2e.railway_acts import Platform
from tests.e2e.railway_world import RailwayWorld

# A volume that a restored snapshot has replaced stays on purpose, and the job's result tells of it.
_REPLACED = """
SELECT result #>> '{replaced_volume,volume_id}' FROM job WHERE result #>> '{replaced_volume,deleted}' = 'false'
"""


@dataclass(frozen=True)
class RailwayAudit:
    databases: int
    replaced_volumes: int
    violations: list[str]

    def lines(self) -> list[str]:
        return self.violations or [
            f"{self.databases} databases there, as our rows say, and {self.replaced_volumes} replaced volumes that jobs told of",
            "no other service, volume or proxy, no staged change, no open intent, and nothing made twice",
        ]


async def railway_audit(world: RailwayWorld) -> RailwayAudit:
    seen = await Platform.seen(world)
    async with world.sessions() as session:
        rows = (await session.exec(select(Database).where(Database.state != DatabaseState.DELETED))).all()
        open_intents = (
            await session.exec(text("SELECT operation FROM railway_intent WHERE closed_at IS NULL"))  # type: ignore[call-overload]  # plain SQL
        ).all()
        replaced = {row[0] for row in await session.exec(text(_REPLACED))}  # type: ignore[call-overload]  # plain SQL
    places = [row.provider_data for row in rows]
    services, volumes = ({place.get(name) for place in places} for name in ("service_id", "volume_id"))
    violations = [
        *(f"the service {one} is in no row" for one in seen.services.keys() - services),
        *(f"the volume {one} is in no row and no result" for one in seen.volumes.keys() - volumes - replaced),
        *(
            f"the proxy {one['id']} leads to no database"
            for one in seen.proxies.values()
            if one["service_id"] not in services
        ),
        *(f"a staged change was left: {one['patch']}" for one in seen.staged),
        *(f"the intent {row[0]} is open" for row in open_intents),
        *(f"{row.name} is {row.state}" for row in rows if row.state != DatabaseState.AVAILABLE),
        *(f"{service} was never made" for service in services - seen.services.keys()),
    ]
    return RailwayAudit(len(rows), len(replaced & seen.volumes.keys()), violations)
