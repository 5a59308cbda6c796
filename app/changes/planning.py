"""What a change will do, asked of Railway before anything is written: the plan that callers see, or the refusal."""

from collections.abc import Sequence
from typing import Final

from app.changes.errors import (
    LimitAboveThePlan,
    NothingToChange,
    ReferencesWouldBreak,
    ServiceNameTaken,
    VariableReserved,
)
from app.changes.reserved import reasons_against
from app.changes.schemas import (
    ChangePlan,
    LimitsChange,
    PublicAccess,
    ReferenceView,
    Resize,
    ServiceRename,
    VariablesChange,
)
from app.databases.places import Site
from app.databases.reach import Reach, way_to
from app.databases.referrers import Surroundings, seen_now
from app.providers.railway import patches
from app.providers.railway.credential import TokenKind
from app.providers.railway.errors import RailwayNotAuthorized, RailwayNotFound
from app.providers.railway.limits import limits
from app.providers.railway.prices import CostEstimate, Priced, estimate
from app.providers.railway.projects import read_project
from app.providers.railway.proxies import proxies
from app.providers.railway.references import Reference
from app.providers.railway.volumes import VolumeCannotShrink, volume
from app.runtime import Runtime

REDEPLOYMENT: Final = (
    "The service is redeployed: connections are cut, and the server is away until it has recovered, since a volume is "
    "never mounted twice."
)
PERHAPS: Final = (
    "Railway may redeploy the service for it: connections are cut then, and the server is away for a while."
)
# From here on a volume counts as full, which Railway enlarges with a restart.
FULL: Final = 0.99


async def of_public_access(runtime: Runtime, site: Site, wish: PublicAccess) -> ChangePlan:
    there = await proxies(site.client, site.place)
    if wish.enabled:
        await patches.require_none_foreign(site.client, site.place.environment_id, force=wish.force)
        steps = ["A TCP proxy of Railway's leads to the server; its host and port are read once it is active."]
        warnings = [
            "Everybody can try to log in: Railway's proxy knows no list of addresses. Use TLS, as this service does."
        ]
        if there:
            warnings.append("The service has a TCP proxy already, which is kept.")
        cost = estimate({Priced.EGRESS: None}, {Priced.EGRESS: "what leaves through the public address"})
        return _plan(steps, outage=PERHAPS, warnings=warnings, cost=cost)
    private = site.place.model_copy(update={"public_host": None, "public_port": None})
    way = way_to(private, worker_label=site.database.worker_label, settings=runtime.settings)
    warnings = ["Who connects through the public address is cut off, and the next one will have another port."]
    if way.reach is Reach.NONE:
        warnings.append(
            "Nothing of this installation will reach the server: backups and restores of it are refused until public "
            "access, network=temporary_public or a worker in its environment opens a way."
        )
    return _plan(["The service's TCP proxy is removed."], outage=PERHAPS, warnings=warnings)


def of_redeployment(site: Site) -> ChangePlan:
    deployment = "A new deployment of the service as it is configured now."
    if site.database.reach == Reach.NONE:
        steps = [
            deployment,
            "Railway says when its container runs. Nothing here reaches the server, so no login is tried.",
        ]
        warning = "Nothing here reaches the server, so no checkpoint is made before: its recovery may take longer."
        return _plan(steps, outage=REDEPLOYMENT, warnings=[warning])
    steps = ["CHECKPOINT, so that the server recovers quickly.", deployment, "A login shows that the server is back."]
    return _plan(steps, outage=REDEPLOYMENT)


async def of_resize(site: Site, wish: Resize) -> ChangePlan:
    now = await volume(site.client, site.place)
    if wish.volume_size_mb <= now.size_mb:
        raise VolumeCannotShrink(now.size_mb, wish.volume_size_mb)
    await patches.require_none_foreign(site.client, site.place.environment_id, force=wish.force)
    is_full = now.used_mb >= FULL * now.size_mb
    return _plan(
        [f"The volume grows from {now.size_mb} MB to {wish.volume_size_mb} MB; {now.used_mb:.0f} MB of it are used."],
        outage="The volume is full, so Railway enlarges it with a restart of the server." if is_full else None,
        warnings=["A volume never shrinks."],
        cost=_volume_cost(now.size_mb, wish.volume_size_mb),
    )


async def of_limits(site: Site, wish: LimitsChange) -> ChangePlan:
    if wish.memory_gb is None and wish.vcpus is None:
        raise NothingToChange("Name memory_gb, vcpus or both.")
    plan = (await limits(site.client, site.place)).plan
    if _above(wish.memory_gb, plan.memory_gb) or _above(wish.vcpus, plan.vcpus):
        raise LimitAboveThePlan(memory_gb=plan.memory_gb, vcpus=plan.vcpus)
    units = {"GB of memory": wish.memory_gb, "vCPUs": wish.vcpus}
    wished = [f"{number:g} {unit}" for unit, number in units.items() if number is not None]
    quantities = {Priced.MEMORY: wish.memory_gb, Priced.CPU: wish.vcpus}
    note = "if all of it were used the whole month: usage is billed, not the limit"
    cost = estimate({what: wanted for what, wanted in quantities.items() if wanted}, dict.fromkeys(quantities, note))
    return _plan(
        [f"The service may use {' and '.join(wished)}.", *(["It is redeployed."] * wish.redeploy)],
        outage=REDEPLOYMENT if wish.redeploy else None,
        warnings=[] if wish.redeploy else ["The limits hold from the next deployment on."],
        cost=cost,
    )


async def of_rename(runtime: Runtime, site: Site, wish: ServiceRename) -> tuple[ChangePlan, str]:
    """With the service's present name."""
    here = await seen_now(runtime, site)
    old = here.name_of(site.place.service()) or ""
    if old == wish.name:
        raise NothingToChange(f"The service is named {old} already.")
    if here.named(wish.name) not in (None, site.place.service()):
        raise ServiceNameTaken(wish.name)
    found = [_view(here, reference, rewritten=True) for reference in here.references_to(old)]
    elsewhere, warnings = await _elsewhere(runtime, site, old)
    if elsewhere and not wish.break_references:
        raise ReferencesWouldBreak(
            [f"{one.environment} / {one.service or 'shared'} / {one.variable}" for one in elsewhere]
        )
    warnings.append(
        "The service is renamed in every environment of its project. Sealed variables cannot be looked into."
    )
    steps = [f"The service {old} is named {wish.name}."]
    if found:
        steps.append(f"{len(found)} references to it in {here.environment_name} are rewritten, without a deployment.")
    return _plan(steps, warnings=warnings, references=[*found, *elsewhere]), old


async def of_variables(site: Site, wish: VariablesChange) -> ChangePlan:
    if not wish.set and not wish.unset:
        raise NothingToChange("Name variables in set, in unset, or in both.")
    if reasons := reasons_against([*wish.set, *wish.unset]):
        raise VariableReserved(reasons)
    steps = []
    if wish.set:
        steps.append(f"Set {', '.join(sorted(wish.set))} without a deployment.")
    if wish.unset:
        own = [f"services.{site.place.service()}.variables.{name}" for name in wish.unset]
        await patches.require_none_foreign(site.client, site.place.environment_id, own)
        steps.append(f"Remove {', '.join(sorted(wish.unset))} without a deployment, by way of the staged changes.")
    if wish.redeploy:
        steps.append("Redeploy the service.")
    return _plan(
        steps,
        outage=REDEPLOYMENT if wish.redeploy else None,
        warnings=[] if wish.redeploy else ["The server sees them from its next deployment on."],
    )


async def _elsewhere(runtime: Runtime, site: Site, old: str) -> tuple[list[ReferenceView], list[str]]:
    """What the other environments of the project refer to, as far as the token sees them."""
    if site.client.credential.kind is TokenKind.PROJECT:
        return [], ["The token sees this environment alone: references in the project's others were not looked for."]
    project = await read_project(site.client, site.place.project_id)
    found: list[ReferenceView] = []
    unread: list[str] = []
    for environment in project.environments:
        if environment.id == site.place.environment_id:
            continue
        try:
            there = await seen_now(runtime, site, environment.id)
        except (RailwayNotAuthorized, RailwayNotFound):
            unread.append(environment.name)
            continue
        found += [_view(there, reference, rewritten=False) for reference in there.references_to(old)]
    return found, [f"The environment {name} cannot be read: references there were not looked for." for name in unread]


def _view(where: Surroundings, reference: Reference, *, rewritten: bool) -> ReferenceView:
    return ReferenceView(
        environment=where.environment_name,
        service=where.name_of(reference.service_id),
        variable=reference.variable,
        reads=reference.target_variable,
        rewritten=rewritten,
    )


def _volume_cost(before_mb: int, after_mb: int) -> CostEstimate:
    note = f"all of its {after_mb} MB; for {before_mb} MB it is less in proportion"
    return estimate({Priced.VOLUME: after_mb / 1000}, {Priced.VOLUME: note})


def _above(wanted: float | None, given: float | None) -> bool:
    return wanted is not None and given is not None and wanted > given


def _plan(
    steps: Sequence[str],
    *,
    outage: str | None = None,
    warnings: Sequence[str] = (),
    cost: CostEstimate | None = None,
    references: Sequence[ReferenceView] = (),
) -> ChangePlan:
    return ChangePlan(steps=list(steps), outage=outage, warnings=list(warnings), cost=cost, references=list(references))
