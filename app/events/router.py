"""/v1/alerts: what is wrong now, and what was. The events of a database stand with it."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query, Response

from app.auth.dependencies import PagingDep, SessionDep, requires
from app.auth.principal import Principal
from app.auth.responses import raises
from app.auth.scopes import Scope
from app.events.errors import AlertNotFound
from app.events.models import AlertType
from app.events.repository import AlertFilter, AlertRepository
from app.events.schemas import AlertStateFilter, AlertView
from app.kit.etags import entity_tag, is_known
from app.kit.ids import AlertId, DatabaseId, ProjectId
from app.kit.pagination import CursorInvalid, Page

router = APIRouter(prefix="/alerts", tags=["alerts"])

AlertReader = Annotated[Principal, requires(Scope.ALERTS_READ)]
IfNoneMatch = Annotated[str | None, Header(description="An ETag; the answer is 304 while it is the current one.")]


@router.get("", responses=raises(CursorInvalid))
async def list_alerts(
    *,
    session: SessionDep,
    caller: AlertReader,
    paging: PagingDep,
    state: AlertStateFilter = AlertStateFilter.OPEN,
    project_id: ProjectId | None = None,
    database_id: DatabaseId | None = None,
    kind: Annotated[AlertType | None, Query(alias="type")] = None,
) -> Page[AlertView]:
    """Newest first; those that are open unless asked otherwise."""
    wanted = AlertFilter(state=state, project_id=project_id, database_id=database_id, type=kind)
    (before,) = paging.after() or (None,)
    alerts = await AlertRepository(session).page(wanted, caller.project_ids, before=before, limit=paging.probe)
    return paging.cut(alerts, AlertView.of, position=lambda alert: (alert.id,))


@router.get("/{alert_id}", responses=raises(AlertNotFound))
async def get_alert(
    alert_id: AlertId,
    session: SessionDep,
    caller: AlertReader,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> AlertView:
    """One incident. It stays readable after it was cleared."""
    alert = await AlertRepository(session).get(alert_id, caller.project_ids)
    if alert is None:
        raise AlertNotFound(alert_id)
    tag = entity_tag(alert.revision)
    if is_known(if_none_match, alert.revision):
        raise HTTPException(304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return AlertView.of(alert)
