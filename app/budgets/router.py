"""/v1/databases/{id}/connection-budget and its check, which a deploy asks first."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.auth.dependencies import OptionalLaterWriteDep, RuntimeDep, requires_detached
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.budgets.errors import BudgetInvalid
from app.budgets.looking import Ground, ground_of, look, server_now
from app.budgets.schemas import BudgetChange, BudgetCheck, BudgetPut, BudgetServer, BudgetView
from app.budgets.service import BudgetService
from app.databases.errors import DatabaseNotFound, DatabaseNotReady, DatabaseStateInvalid, DatabaseUnreachable
from app.errors import Problem
from app.kit.etags import PreconditionFailed, entity_tag
from app.kit.ids import DatabaseId
from app.postgres.errors import ServerUnreachable

router = APIRouter(prefix="/databases", tags=["budgets"])

Reader = Annotated[Principal, requires_detached(Scope.CONNECTIONS_READ)]
Writer = Annotated[Principal, requires_detached(Scope.CONNECTIONS_WRITE)]


@router.get("/{database_id}/connection-budget", responses=raises(DatabaseNotFound))
async def get_connection_budget(
    database_id: DatabaseId, runtime: RuntimeDep, caller: Reader, response: Response
) -> BudgetView:
    """The pools that consumers are declared to hold, and whether the server has connections for all of them."""
    ground = await ground_of(runtime, database_id, caller)
    server = await look(runtime, ground.database)
    response.headers["ETag"] = entity_tag(ground.revision)
    return _view(ground, ground.declared, ground.updated_at, server)


@router.put(
    "/{database_id}/connection-budget",
    responses=raises(DatabaseNotFound, DatabaseStateInvalid, PreconditionFailed),
)
async def put_connection_budget(
    database_id: DatabaseId,
    wish: BudgetPut,
    runtime: RuntimeDep,
    caller: Writer,
    later: OptionalLaterWriteDep,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> BudgetView:
    """Replaces what is declared. Too large a budget is stored, too, and its verdict is `refuse`: it says what is."""
    ground = await ground_of(runtime, database_id, caller)
    server = await look(runtime, ground.database)
    async with later.begin() as (session, once):
        budget = await BudgetService(session, runtime.clock()).put(database_id, wish, caller, if_match=if_match)
        response.headers["ETag"] = entity_tag(budget.revision)
        return once.keep(_view(ground, wish, budget.updated_at, server), response)


@router.post(
    "/{database_id}/connection-budget:check",
    responses=raises(BudgetInvalid, DatabaseNotFound, DatabaseNotReady, DatabaseUnreachable, ServerUnreachable),
)
async def check_connection_budget(
    database_id: DatabaseId,
    change: BudgetChange,
    runtime: RuntimeDep,
    caller: Reader,
    later: OptionalLaterWriteDep,
    response: Response,
) -> BudgetCheck:
    """Whether the server has connections for a change: asked before a deploy, which `refuse` should stop.

    Every verdict is answered by 200. Nothing is stored.
    """
    ground = await ground_of(runtime, database_id, caller)
    try:
        changed = ground.declared.changed(change)
    except ValueError as error:
        raise BudgetInvalid from error
    server = await server_now(runtime, ground.database)
    before, after = (ground.assess(declared, server) for declared in (ground.declared, changed))
    async with later.begin() as (_, once):
        return once.keep(BudgetCheck(verdict=after.verdict, before=before, after=after), response)


def _view(
    ground: Ground, declared: BudgetPut, updated_at: datetime | None, server: BudgetServer | Problem
) -> BudgetView:
    return BudgetView(
        database_id=ground.database.id,
        consumers=declared.consumers,
        pooler=declared.pooler,
        assessment=None if isinstance(server, Problem) else ground.assess(declared, server),
        unassessed_because=server.detail if isinstance(server, Problem) else None,
        updated_at=updated_at,
    )
