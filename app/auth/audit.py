"""The trail: one row for every mutation, every reveal of a secret and every denied attempt."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.models import AuditEvent, Outcome
from app.auth.principal import Principal


def audit(
    session: AsyncSession,
    actor: Principal | str,
    action: str,
    *,
    target_type: str | None = None,
    target_id: str | None = None,
    project_id: UUID | None = None,
    outcome: Outcome = Outcome.DONE,
    code: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds the row to the caller's transaction, so that what was done and its trail commit together.

    ``action`` is the operation id, ``target_id`` the outside id. ``details`` must hold no secret. An actor that is text
    is a part of this service, such as ``worker``.
    """
    caller = actor if isinstance(actor, Principal) else None
    session.add(
        AuditEvent(
            actor=caller.actor if caller else str(actor),
            action=action,
            target_type=target_type,
            target_id=target_id,
            project_id=project_id,
            outcome=outcome,
            code=code,
            address=caller.address if caller else None,
            user_agent=caller.user_agent if caller else None,
            request_id=current_request_id(),
            details=dict(details or {}),
        )
    )


def current_request_id() -> str | None:
    """The id of the request that is being answered, or of the one that started the job that runs."""
    request_id: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return request_id
