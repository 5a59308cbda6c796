"""Changes that wait: one patch for each environment, whoever staged them, committed as a whole."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tests.railway_simulator import reach
from tests.railway_simulator.committing import commit
from tests.railway_simulator.config import check_shape, without_values
from tests.railway_simulator.errors import Refusal
from tests.railway_simulator.model import Environment, StagedPatch
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query


def stage(platform: Platform, environment: Environment, patch: Mapping[str, Any], *, merge: bool) -> StagedPatch:
    """``merge`` false replaces what waits there. An emptied record stays until the next commit."""
    former = environment.staged
    if former is None:
        former = environment.staged = StagedPatch(
            id=new_id(), created_at=platform.now(), environment_id=environment.id, patch={}
        )
        platform.patches[former.id] = former
    former.patch = merged(former.patch if merge else {}, patch)
    former.last_error = None
    return former


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Nulls are kept: in a patch they delete."""
    result = dict(under)
    for name, value in over.items():
        former = result.get(name)
        result[name] = (
            merged(former if isinstance(former, Mapping) else {}, value) if isinstance(value, Mapping) else value
        )
    return result


def unmerged_changes(environment: Environment) -> int:
    return _leaves(environment.staged.patch) if environment.staged is not None else 0


def _leaves(value: Any) -> int:
    if not isinstance(value, Mapping):
        return 1
    return sum(_leaves(inner) if isinstance(inner, Mapping) and inner else 1 for inner in value.values())


def _shown(environment: Environment, patch: StagedPatch | None) -> dict[str, Any]:
    """Of nothing staged, an empty patch is made up."""
    content = patch.patch if patch is not None else {}

    def shown(_info: Any, *, decrypt_variables: bool | None = None) -> dict[str, Any]:
        return content if decrypt_variables else without_values(content)

    return {
        "id": patch.id if patch is not None else str(uuid5(NAMESPACE_OID, environment.id)),
        "status": patch.status if patch is not None else "STAGED",
        "message": patch.message if patch is not None else None,
        "createdAt": patch.created_at if patch is not None else environment.created_at,
        "lastAppliedError": patch.last_error if patch is not None else None,
        "patch": shown,
    }


@query()
async def environment_staged_changes(call: Call, *, environment_id: str) -> dict[str, Any]:
    environment = reach.environment(call, environment_id)
    return _shown(environment, environment.staged)


@mutation()
async def environment_stage_changes(
    call: Call,
    *,
    environment_id: str,
    input: dict[str, Any],  # noqa: A002 (the schema's name)
    merge: bool | None = None,
) -> dict[str, Any]:
    environment = reach.environment(call, environment_id)
    check_shape(input)
    return _shown(environment, stage(call.platform, environment, input, merge=bool(merge)))


# What is staged stays staged.
@mutation()
async def environment_patch_commit(
    call: Call, *, environment_id: str, patch: dict[str, Any] | None = None, commit_message: str | None = None
) -> str:
    platform, environment = call.platform, reach.environment(call, environment_id)
    if not patch:
        raise Refusal("No patch to apply")
    await commit(platform, environment, patch)
    record = StagedPatch(id=new_id(), created_at=platform.now(), environment_id=environment_id, patch=patch)
    record.status, record.message = "COMMITTED", commit_message
    platform.patches[record.id] = record
    return record.id


@mutation()
async def environment_patch_commit_staged(
    call: Call, *, environment_id: str, commit_message: str | None = None, skip_deploys: bool | None = None
) -> str:
    platform, environment = call.platform, reach.environment(call, environment_id)
    patch = environment.staged
    if patch is None or not patch.patch:
        raise Refusal("No patch to apply")
    patch.status = "APPLYING"
    try:
        await commit(platform, environment, patch.patch, skip_deploys=bool(skip_deploys))
    except Refusal as refusal:
        patch.status, patch.last_error = "STAGED", refusal.message
        raise
    patch.status, patch.message, environment.staged = "COMMITTED", commit_message, None
    return patch.id
