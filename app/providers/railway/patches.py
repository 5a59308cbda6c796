"""Changes of an environment's configuration, which Railway takes as patches of one document.

Ours are committed directly. What the platform stages for us (a template laid over a service, the restore of a snapshot) is
committed as a whole, whoever staged the rest of it, so it is read first and refused if anything in it is not ours.
Keys are paths with dots such as ``services.<id>.networking``: one names everything below it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.errors import Conflict
from app.providers.railway.client import Exactly, RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import OutcomeUnknown, RailwayBusy, RailwayNothingStaged

Path = tuple[str, ...]

# Under this name the plan of an intent, or what it has made, lists the keys of the patch that it stages: only by them is
# a patch known as ours that was left behind.
PATCH_KEYS: Final = "keys"

_MOST_SHOWN: Final = 20
# An entry that is empty down to here changes nothing: what makes or deletes one says so by a member.
_ENTRY_DEPTH: Final = 2


class StagedChangesForeign(Conflict):
    code, title = "RAILWAY_STAGED_CHANGES_FOREIGN", "Somebody else's changes wait in the environment"

    def __init__(self, environment_id: str, foreign: Collection[str]) -> None:
        shown = sorted(foreign)
        super().__init__(
            f"Railway's environment {environment_id} has {len(shown)} staged changes that this service did not make: "
            f"{', '.join(shown[:_MOST_SHOWN])}{', …' if len(shown) > _MOST_SHOWN else ''}. They would be deployed or lost "
            "with ours. Deploy or discard them at Railway, or repeat a request that takes it with force=true.",
            environment_id=environment_id,
            foreign=shown,
        )


class StagedStatus(StrEnum):
    STAGED = "STAGED"
    APPLYING = "APPLYING"
    COMMITTED = "COMMITTED"  # an old one: nothing waits


@dataclass(frozen=True, slots=True)
class Staged:
    """What waits in an environment. The values stay out: they may be somebody's secrets."""

    environment_id: str
    id: str
    status: StagedStatus
    message: str | None
    created_at: datetime
    last_error: str | None
    paths: tuple[Path, ...]

    @property
    def keys(self) -> list[str]:
        return [".".join(path) for path in self.paths]

    def foreign(self, own_keys: Collection[str]) -> list[str]:
        """What none of ``own_keys`` names."""
        own = [tuple(key.split(".")) for key in own_keys]
        return [".".join(path) for path in self.paths if not any(path[: len(key)] == key for key in own)]


async def commit(client: RailwayClient, environment_id: str, patch: Mapping[str, Any], message: str) -> str:
    """Deploys what ``patch`` touches, and leaves what is staged as it is. A null in it deletes.

    Raises OutcomeUnknown, after which the caller reads whether the environment is as it was to become.
    """
    variables = {"environmentId": environment_id, "patch": Exactly(dict(patch)), "commitMessage": message}
    return (await client.change(document("environmentPatchCommit"), variables, _Commit)).environment_patch_commit


async def staged(client: RailwayClient, environment_id: str) -> Staged:
    found = await client.read(document("environmentStagedChanges"), {"environmentId": environment_id}, _Waiting)
    return _staged(environment_id, found.environment_staged_changes)


async def staged_services(client: RailwayClient, environment_id: str) -> dict[str, Mapping[str, Any] | None]:
    """What waits to be changed of each service, by its id, without the values of variables. None: it is to be deleted."""
    found = (
        await client.read(document("environmentStagedChanges"), {"environmentId": environment_id}, _Waiting)
    ).environment_staged_changes
    services = found.patch.get("services") if found.status is not StagedStatus.COMMITTED else None
    if not isinstance(services, Mapping):
        return {}
    return {name: change if isinstance(change, Mapping) else None for name, change in services.items()}


async def stage(client: RailwayClient, environment_id: str, patch: Mapping[str, Any]) -> None:
    """Adds to what waits. Staging the same twice is the same as once."""
    variables = {"environmentId": environment_id, "input": Exactly(dict(patch)), "merge": True}
    await client.change(document("environmentStageChanges"), variables, Result)


def require_own(waiting: Staged, own_keys: Collection[str], *, force: bool) -> None:
    """Raises StagedChangesForeign if anything else waits, and RailwayBusy while somebody else's is being applied."""
    foreign = waiting.foreign(own_keys)
    if not foreign or force:
        return
    if waiting.status is StagedStatus.APPLYING:
        raise RailwayBusy("the staged changes are being applied", operation="environmentStagedChanges")
    raise StagedChangesForeign(waiting.environment_id, foreign)


async def require_none_foreign(
    client: RailwayClient, environment_id: str, own_keys: Collection[str] = (), *, force: bool = False
) -> None:
    """The same by a look at what waits now: before anything of ours is committed, directly or by way of what is staged."""
    require_own(await staged(client, environment_id), own_keys, force=force)


async def commit_staged(
    client: RailwayClient,
    environment_id: str,
    message: str,
    *,
    own_keys: Collection[str],
    force: bool = False,
    skip_deploys: bool = False,
) -> bool:
    """Commits all that waits, once it is seen to be ours; False if nothing did. May be called again after OutcomeUnknown.

    Raises StagedChangesForeign, RailwayBusy. What somebody stages between the look and the commit goes with it: Railway
    has no way to commit a part.
    """
    waiting = await staged(client, environment_id)
    require_own(waiting, own_keys, force=force)
    if not waiting.paths:
        return False
    variables = {"environmentId": environment_id, "commitMessage": message, "skipDeploys": skip_deploys}
    try:
        await client.change(document("environmentPatchCommitStaged"), variables, Result)
    except RailwayNothingStaged:
        return False
    except OutcomeUnknown:
        left = await staged(client, environment_id)
        if left.id == waiting.id and left.status is StagedStatus.STAGED and left.paths:
            raise
    return True


async def discard_own(
    client: RailwayClient, environment_id: str, own_keys: Collection[str], *, force: bool = False
) -> list[str]:
    """Empties what waits if all of it is ours; the keys that did. May be called again after OutcomeUnknown.

    Raises StagedChangesForeign, RailwayBusy.
    """
    waiting = await staged(client, environment_id)
    require_own(waiting, own_keys, force=force)
    if not waiting.paths:
        return []
    variables = {"environmentId": environment_id, "input": Exactly({}), "merge": False}
    try:
        await client.change(document("environmentStageChanges"), variables, Result)
    except OutcomeUnknown:
        if (await staged(client, environment_id)).paths:
            raise
    return waiting.keys


class _Commit(Result):
    environment_patch_commit: str


class _Patch(Result):
    id: str
    status: StagedStatus
    message: str | None = None
    created_at: datetime
    last_applied_error: str | None = None
    patch: dict[str, Any]


class _Waiting(Result):
    environment_staged_changes: _Patch


def _staged(environment_id: str, found: _Patch) -> Staged:
    waits = found.status is not StagedStatus.COMMITTED
    return Staged(
        environment_id=environment_id,
        id=found.id,
        status=found.status,
        message=found.message,
        created_at=found.created_at,
        last_error=found.last_applied_error,
        paths=tuple(sorted(_paths(found.patch))) if waits else (),
    )


def _paths(patch: Any, above: Path = ()) -> Iterator[Path]:
    """Where the patch changes something; a variable is one place, whatever is said of it."""
    if not isinstance(patch, Mapping) or _is_variable(above):
        yield above
    elif patch:
        for name, content in patch.items():
            yield from _paths(content, (*above, str(name)))
    elif len(above) > _ENTRY_DEPTH:
        yield above


def _is_variable(path: Path) -> bool:
    return path[:-1] == ("sharedVariables",) or (len(path) == 4 and (path[0], path[2]) == ("services", "variables"))  # noqa: PLR2004 (services, which one, variables, which one)
