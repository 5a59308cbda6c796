"""What a job about a pooler will do, as callers are told before it is written down."""

from app.databases.models import Database, ProviderName
from app.databases.places import site_of
from app.pooling.capacity import Demand
from app.pooling.errors import ClusterNotPoolable, PoolsTooLarge
from app.pooling.schemas import PoolerPlan
from app.providers.railway import patches, poolers
from app.providers.railway.inventory import EnvironmentState, read_environment
from app.providers.railway.poolers import PoolerSight
from app.providers.railway.prices import CostEstimate, Priced, estimate
from app.runtime import Runtime

_MOST_SHOWN = 20


def plan_with(demand: Demand, steps: list[str], *, force: bool, warnings: list[str] | None = None) -> PoolerPlan:
    """Raises PoolsTooLarge."""
    told = list(warnings or ())
    if demand.is_too_large:
        refusal = PoolsTooLarge(demand.arithmetic(), demand.total, demand.free or 0)
        if not force:
            raise refusal
        told.append(refusal.detail)
    return PoolerPlan(steps=steps, arithmetic=demand.arithmetic(), warnings=told)


async def plan_at_railway(runtime: Runtime, database: Database, demand: Demand, *, force: bool) -> PoolerPlan:
    """Asks Railway what is there. Raises ClusterNotPoolable, StagedChangesForeign, PoolsTooLarge, RailwayProblem."""
    site = await site_of(runtime, database)
    sight = await poolers.look(site.client, site.place)
    if sight.root.cluster is not None:
        raise ClusterNotPoolable
    each = "Railway's pooler takes every logical database: each further one that a login uses opens as many connections again."
    if sight.pooler is not None:
        name = sight.pooler.service_name
        steps = [f"Set the variables of {name}, without a deployment.", f"Deploy {name} anew, and log in through it."]
        cut = "The pooler's clients are cut off when it is deployed anew."
        return plan_with(demand, steps, force=force, warnings=[cut, each])
    patches.require_own(await patches.staged(site.client, site.place.environment_id), (), force=False)
    steps = [
        "Have Railway stage its own template for PgBouncer over the database's service.",
        "Commit what it has staged, once nothing of anybody else is among it.",
        "Wait until the pooler is deployed, and log in through it.",
    ]
    warnings = [_OUTAGE, each]
    if sight.readers:
        state = await read_environment(site.client, site.place.environment_id)
        warnings.append(
            "Railway may lead variables that refer to the database to the pooler instead, and deploys their services then: "
            f"{_named(sight, state)}."
        )
    plan = plan_with(demand, steps, force=force, warnings=warnings)
    return plan.model_copy(update={"cost": _cost()})


def plan_of_removal(database: Database) -> PoolerPlan:
    gone = "Clients that use its address do not reach the database any more."
    if database.provider != ProviderName.RAILWAY:
        steps = ["End PgBouncer and its clients' connections.", "Drop the role pgm_pooler and its functions."]
        return PoolerPlan(steps=steps, arithmetic=[], warnings=[gone])
    steps = [
        "Have Railway stage the removal of its template for PgBouncer.",
        "Commit what it has staged, once nothing of anybody else is among it.",
    ]
    back = (
        "Railway may lead variables that refer to the pooler back to the database, and deploys their services then. The job "
        "names those that refer to it still."
    )
    return PoolerPlan(steps=steps, arithmetic=[], warnings=[gone, back, _OUTAGE])


_OUTAGE = (
    "Railway may deploy the database's own service anew for it: connections are cut then, and the server is away until it "
    "has recovered."
)


def _named(sight: PoolerSight, state: EnvironmentState) -> str:
    names = {service.service_id: service.service_name for service in state.services}
    found = sorted({f"{names.get(one.service_id or '', 'shared')}.{one.variable}" for one in sight.readers})
    return ", ".join(found[:_MOST_SHOWN]) + (", …" if len(found) > _MOST_SHOWN else "")


def _cost() -> CostEstimate:
    note = "what PgBouncer uses, which is little; the pooler is a service of its own"
    return estimate({Priced.MEMORY: None, Priced.CPU: None}, {Priced.MEMORY: note, Priced.CPU: note})
