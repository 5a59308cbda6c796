"""The flow of looking at once."""

from dataclasses import dataclass

from app.jobs.machine import Move, NoMemo, Steps, done, stay, step
from app.jobs.run import Run
from app.platform.observing import MOST_AT_ONCE, claim_due, observe
from app.platform.repository import ObservationRepository
from app.platform.schemas import ObserveEnvironment
from app.runtime import Runtime

_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ObserveEnvironmentSteps(Steps[ObserveEnvironment, NoMemo]):
    runtime: Runtime

    args = ObserveEnvironment
    memo = NoMemo

    @step
    async def look(self, run: Run[ObserveEnvironment, NoMemo]) -> Move:
        """A look that is under way began before we were told, so its end is awaited. Failures stand in its row."""
        environment_id = run.args.railway_environment_id
        async with run.writing() as session:
            watched = await ObservationRepository(session).make_due(environment_id, self.runtime.clock())
        rows = await claim_due(self.runtime, MOST_AT_ONCE, environment_id=environment_id)
        if not rows:
            return stay(_AGAIN_SECONDS) if watched else done(railway_environment_id=environment_id, observed=False)
        for row in rows:  # one for each token that reaches it
            await observe(self.runtime, row)
        return done(railway_environment_id=environment_id, observed=True)
