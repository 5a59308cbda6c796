"""A change that takes no restart: written, read back by a new session, and taken back unless it is in force."""

from app.errors import Problem
from app.parameters.errors import SettingNotApplied
from app.parameters.models import ChangeState
from app.parameters.planning import Plan, not_in_force, written_now
from app.postgres.connect import Session, Target
from app.postgres.parameter_writing import SettingsNotLoaded, seen_anew, write
from app.postgres.parameters import Reading


class Refused(Exception):
    """Why the server has not changed, and what is left there of the change."""

    def __init__(self, problem: Problem, state: ChangeState) -> None:
        super().__init__(problem.detail)
        self.problem, self.state = problem, state


async def apply(server: Session, target: Target, plan: Plan) -> Reading:
    """The settings after it. Raises Refused."""
    try:
        await write(server, target, plan.scope, plan.after)
        seen = await seen_anew(target)
        failed = not_in_force(seen, plan.after, plan.scope)
        if failed:
            raise SettingNotApplied(failed)
        return seen
    except Problem as problem:
        state = ChangeState.FAILED if await _taken_back(server, target, plan) else ChangeState.UNSETTLED
        raise Refused(problem, state) from problem


async def _taken_back(server: Session, target: Target, plan: Plan) -> bool:
    """Only what was written: what our login may not change at all would be refused again."""
    try:
        seen = await seen_anew(target)
        found = {name: seen.find(name) for name in plan.before}
        written = {
            name: plan.before[name]
            for name, parameter in found.items()
            if parameter is not None and written_now(seen, parameter, plan.scope) != plan.before[name]
        }
        if written:
            await write(server, target, plan.scope, written)
    except SettingsNotLoaded:
        return True  # on file, and the server had not loaded what was there meanwhile
    except Problem:
        return False
    return True
