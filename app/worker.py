"""A process's share of the work: every domain's jobs, and the servers of this host."""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.applications import tasks as applications
from app.backups import tasks as backups
from app.changes import tasks as changes
from app.connections import tasks as connections
from app.consumers import tasks as consumers
from app.databases import tasks as databases
from app.events import tasks as events
from app.exports import tasks as exports
from app.imports import tasks as imports
from app.jobs.machine import Programmes
from app.jobs.worker import JobWorker, WorkerOptions
from app.locations import tasks as locations
from app.network import tasks as network
from app.parameters import tasks as parameters
from app.platform import tasks as platform
from app.platform.observing import observe_until
from app.policies import tasks as policies
from app.pooling import tasks as pooling
from app.pooling.keeping import keep_until
from app.provisioning import tasks as provisioning
from app.provisioning.reconciler import reconcile_until
from app.railway import tasks as railway
from app.restores import tasks as restores
from app.roles import tasks as roles
from app.rotations import tasks as rotations
from app.runtime import Runtime
from app.snapshots import tasks as snapshots
from app.verifications import tasks as verifications
from app.webhooks import tasks as webhooks

log = structlog.get_logger()

WATCH_SECONDS = 60.0


def programmes(runtime: Runtime) -> Programmes:
    domains = (
        events,
        railway,
        locations,
        databases,
        provisioning,
        backups,
        policies,
        restores,
        exports,
        imports,
        changes,
        pooling,
        consumers,
        applications,
        roles,
        rotations,
        network,
        parameters,
        platform,
        snapshots,
        verifications,
    )
    return Programmes(*(steps for domain in domains for steps in domain.programmes(runtime)))


async def watch_until(runtime: Runtime, stop: asyncio.Event) -> None:
    """Looks for what goes wrong by nothing happening. Every worker does, and what one has told the others do not."""
    while not stop.is_set():
        for domain in (
            events,
            railway,
            restores,
            imports,
            exports,
            databases,
            roles,
            network,
            policies,
            verifications,
            webhooks,
            connections,  # last, since it waits for servers
        ):
            try:
                await domain.watch(runtime)
            except (SQLAlchemyError, OSError) as error:
                log.warning("watch.control_database_failed", error=type(error).__name__)
            except Exception:  # a mistake in one look ends neither the others nor the worker
                log.exception("watch.failed", domain=domain.__name__)
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH_SECONDS):
                await stop.wait()


async def run_worker(runtime: Runtime, stop: asyncio.Event, *, only_label: bool = False) -> None:
    """Claims and runs jobs until ``stop`` is set, then hands back what does not end within the grace."""
    settings = runtime.settings.worker
    worker = JobWorker(
        sessions=runtime.sessions,
        listener=runtime.listener,
        programmes=programmes(runtime),
        options=WorkerOptions(
            host_id=runtime.host_id,
            label=settings.label,
            only_label=only_label,
            concurrency=settings.concurrency,
            grace_seconds=settings.grace_seconds,
        ),
        clock=runtime.clock,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        tasks.create_task(watch_until(runtime, stop))
        tasks.create_task(observe_until(runtime, stop))
        if runtime.settings.local.enabled:
            tasks.create_task(reconcile_until(runtime, stop))
            tasks.create_task(keep_until(runtime, stop))
