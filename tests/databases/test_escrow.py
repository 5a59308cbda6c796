"""Keys in escrow: who may name them, and that later backups are encrypted to them."""

from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from app.auth.models import AuditEvent
from app.auth.scopes import Scope
from app.databases.escrow import recipients_of
from app.kit.age import Identity
from app.kit.ids import encode_id
from app.runtime import Runtime
from tests.control import KeyFactory, bearer
from tests.databases.records import create_project


@pytest.fixture
async def path(client: httpx.AsyncClient, as_admin: dict[str, str]) -> str:
    project_id = await create_project(client, as_admin)
    return f"/v1/projects/{encode_id('prj', project_id)}/escrow-recipients"


def entry(identity: Identity, name: str = "the safe") -> dict[str, str]:
    return {"recipient": str(identity.recipient), "name": name}


async def test_what_is_put_is_what_everything_is_encrypted_to(
    client: httpx.AsyncClient, as_admin: dict[str, str], path: str, runtime: Runtime
) -> None:
    before = await client.get(path, headers=as_admin)
    assert before.json()["recipients"] == []
    wish = {"recipients": [entry(Identity.generate()), entry(Identity.generate(), "audit")]}
    answer = await client.put(path, json=wish, headers=as_admin | {"If-Match": before.headers["etag"]})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"installation": before.json()["installation"], **wish}
    assert (await client.get(path, headers=as_admin)).json() == answer.json()
    async with runtime.sessions() as session:
        event = (await session.exec(select(AuditEvent).where(AuditEvent.action == "put_escrow_recipients"))).one()
        assert isinstance(event.project_id, UUID)
        recipients = await recipients_of(session, runtime.key_ring, event.project_id)
    wanted = [answer.json()["installation"], *(one["recipient"] for one in wish["recipients"])]
    assert [str(one) for one in recipients] == wanted


async def test_a_stale_tag_a_dry_run_and_a_key_without_the_right_change_nothing(
    client: httpx.AsyncClient, as_admin: dict[str, str], path: str, key_factory: KeyFactory
) -> None:
    wish = {"recipients": [entry(Identity.generate())]}
    stale = await client.put(path, json=wish, headers=as_admin | {"If-Match": '"99"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "PRECONDITION_FAILED")
    dry = await client.put(f"{path}?dry_run=true", json=wish, headers=as_admin)
    assert dry.json()["recipients"] == wish["recipients"]
    weak = bearer(await key_factory(Scope.PROJECTS_READ, Scope.PROJECTS_WRITE))
    denied = await client.put(path, json=wish, headers=weak)
    assert (denied.status_code, denied.json()["required_scope"]) == (403, "backups:download")
    assert (await client.get(path, headers=weak)).json()["recipients"] == []


async def test_what_is_no_age_recipient_is_refused(
    client: httpx.AsyncClient, as_admin: dict[str, str], path: str
) -> None:
    of_order_one = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ynr8l"
    ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN"
    for recipient in ("", "age1qqqq", ssh, "AGE-SECRET-KEY-1QQQ", of_order_one):
        wish = {"recipients": [{"recipient": recipient, "name": "x"}]}
        answer = await client.put(path, json=wish, headers=as_admin)
        assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED"), recipient


async def test_a_key_is_named_once(client: httpx.AsyncClient, as_admin: dict[str, str], path: str) -> None:
    one = Identity.generate()
    answer = await client.put(path, json={"recipients": [entry(one), entry(one, "again")]}, headers=as_admin)
    assert answer.status_code == 422
