"""Looking after tokens: whether they are still accepted, what changes left behind, and whether Railway's schema moved."""

from dataclasses import dataclass

from app.errors import Problem
from app.events.alerts import clear_alert, open_alert
from app.events.models import AlertType
from app.jobs.machine import Move, NoMemo, Steps, done, step
from app.jobs.run import Run
from app.kit.ids import encode_id
from app.providers.railway.clients import credential_of
from app.providers.railway.drift import drift, introspect, served_schema
from app.providers.railway.errors import RailwayNotAuthorized, RailwayTokenInvalid
from app.providers.railway.models import ConnectionState, RailwayConnection
from app.providers.railway.refusals import explain
from app.railway.abandoned import Left, owned_in, show, to_look_at, what_is_left
from app.railway.probing import probe
from app.railway.repository import ConnectionRepository, IntentRepository
from app.railway.schemas import CheckSchema, DriftView, ProbeConnection, SchemaCheckView, SweepIntents
from app.railway.service import SCHEMA_SUBJECT, keep_probe
from app.railway.standing import explained
from app.runtime import Runtime

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class ProbeConnectionSteps(Steps[ProbeConnection, NoMemo]):
    runtime: Runtime
    args = ProbeConnection
    memo = NoMemo

    @step
    async def probe(self, run: Run[ProbeConnection, NoMemo]) -> Move:
        async with run.reading() as session:
            connections = ConnectionRepository(session)
            connection = await connections.get(run.args.connection_id, None)
            linked = await connections.linked(run.args.connection_id)
        if connection is None:
            return done(passed=None)
        token = credential_of(connection, self.runtime.key_ring).token
        place = next(((link.railway_project_id, link.railway_environment_id) for link in linked), None)
        report, problem = None, None
        try:
            report = await probe(self.runtime.railway, token, said=None, clock=self.runtime.clock, place=place)
        except Problem as error:
            problem = error
        async with run.writing() as session:
            held = await ConnectionRepository(session).get(connection.id, None, change=True)
            # A token that was replaced meanwhile was tried out when that was done.
            if held is not None and held.token_sealed == connection.token_sealed:
                await keep_probe(session, held, report, problem, self.runtime)
        if problem is not None and problem.retryable:
            raise problem
        return done(passed=problem is None, code=problem.code if problem else None)


@dataclass(frozen=True, slots=True)
class SweepIntentsSteps(Steps[SweepIntents, NoMemo]):
    """Asks Railway nothing while there is nothing to look after, which is nearly always."""

    runtime: Runtime
    args = SweepIntents
    memo = NoMemo

    @step
    async def look(self, run: Run[SweepIntents, NoMemo]) -> Move:
        async with run.reading() as session:
            connection = await session.get(RailwayConnection, run.args.connection_id)
            intents = to_look_at(await IntentRepository(session).given_up(run.args.connection_id))
            owned = await owned_in(session, intents)
        if connection is None or connection.state == ConnectionState.DELETED or not intents:
            return done(looked_at=0, left=[])
        everything: list[Left] = []
        async with explained(self.runtime, connection.id) as client:
            for intent in intents:
                try:
                    left = await what_is_left(client, intent, owned[intent.id])
                except RailwayNotAuthorized as refusal:
                    told = await explain(client, refusal)
                    if isinstance(told, RailwayTokenInvalid):
                        raise told from refusal
                    await run.warn(f"What {encode_id('job', intent.owner_id)} left cannot be looked at: {told.detail}")
                    continue
                async with run.writing() as session:
                    await show(session, connection, intent, left)
                everything += left
        return done(looked_at=len(intents), left=sorted(found.id for found in everything))


@dataclass(frozen=True, slots=True)
class CheckSchemaSteps(Steps[CheckSchema, NoMemo]):
    runtime: Runtime
    args = CheckSchema
    memo = NoMemo

    @step
    async def compare(self, run: Run[CheckSchema, NoMemo]) -> Move:
        """The result is the report, for whoever asks until the next one."""
        found = drift(served_schema(await introspect(self.runtime.settings.railway_endpoint)))
        differences = [DriftView(where=one.where, what=one.what, breaks=one.breaks) for one in found]
        breaking = [f"{one.where} {one.what}" for one in found if one.breaks]
        report = SchemaCheckView(checked_at=self.runtime.clock(), breaks=bool(breaking), differences=differences)
        async with run.writing() as session:
            if breaking:
                await open_alert(
                    session,
                    AlertType.RAILWAY_SCHEMA_DRIFT,
                    SCHEMA_SUBJECT,
                    title="Railway's API is not the one that this version speaks",
                    detail=f"{len(breaking)} differences can break what we ask: {'; '.join(breaking[:_MOST_NAMED])}. "
                    "GET /v1/railway/schema-check shows all. Look for a newer version of this service.",
                    project_id=None,
                )
            else:
                reason = "nothing that we ask breaks"
                await clear_alert(session, AlertType.RAILWAY_SCHEMA_DRIFT, SCHEMA_SUBJECT, reason=reason)
        return done(**report.model_dump(mode="json"))
