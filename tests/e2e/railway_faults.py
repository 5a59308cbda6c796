"""Answers of Railway's that are lost, late or wrong, one for every kind of request that an act makes."""

from collections.abc import Callable
from random import Random
from typing import Final

from app.providers.railway.documents import Kind, document
from tests.e2e.railway_acts import Life
from tests.e2e.railway_world import RailwayWorld

# What was asked was done in each case; only the answer does not say so.
CHANGE_FAULTS: Final = ("lost_answer", "html_502_after", "null")
READ_FAULTS: Final = ("html_502", "lost_answer", "rate_limited")
LIVES: Final = ("create_by_template", "create_by_patch")
CHANGES: Final = {
    "create_by_template": ("templateDeployV2", "environmentPatchCommit"),
    "create_by_patch": ("environmentPatchCommit",),
    "snapshot": ("volumeInstanceBackupCreate",),
    "restore": ("volumeInstanceBackupRestore", "environmentPatchCommitStaged"),
    "resize": ("environmentPatchCommit",),
    "delete": ("serviceDelete", "volumeDelete"),
}
READS: Final = ("environment", "workflowStatus", "variablesForServiceDeployment", "tcpProxies", "deployments")
_END_SECONDS: Final = 180.0


async def one_life(
    world: RailwayWorld, create: str, *, change_fault: str, read_fault: str, tell: Callable[[str], None]
) -> None:
    """Every change of it is answered wrongly once, and so is a read of every act. Raises AssertionError."""
    random = Random(f"{world.seed} {create} {change_fault} {read_fault}")
    life = Life(world, random, name=f"{change_fault}-{create.rpartition('_')[2]}".replace("_", "-"))
    for name in (create, "snapshot", "restore", "resize", "delete"):
        for operation in CHANGES[name]:
            assert document(operation).kind is Kind.CHANGE
            await world.railway.fault(operation, change_fault)
        read = random.choice(READS)
        await world.railway.fault(read, read_fault)
        act = await life.begin(name)
        job = await world.ended(act.job, _END_SECONDS)
        said = (
            f"{name} {act.job['id']} with {change_fault} in {CHANGES[name]} and {read_fault} in {read}: {job['state']}"
        )
        assert job["state"] == "succeeded", f"{said}: {job['error']}"
        try:
            await act.judge(job)
            state = await world.railway.state()
            left = [fault for fault in state["faults"] if fault["operation"] in CHANGES[name]]
            assert left == [], f"not met: {left}"
        except AssertionError as error:
            error.add_note(said)
            raise
        await world.railway.no_faults()
        tell(said)
