"""Every layer of a connection is told, and sessions without TLS are refused once that is demanded."""

from dataclasses import replace

import pytest

from app.connections import enforcement, layers_before_login, layers_of_sessions, testing
from app.postgres.cluster import Cluster
from app.postgres.connect import Target, TlsMode
from app.postgres.logins import refusal_of
from tests.roles.conftest import Call


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enforcement, "_IN_FORCE_SECONDS", 60.0)
    monkeypatch.setattr(testing, "SECONDS", 120.0)
    for name in ("_SECONDS", "_HANDSHAKE_SECONDS"):
        monkeypatch.setattr(layers_before_login, name, 60.0)
    monkeypatch.setattr(layers_of_sessions, "_SECONDS", 60.0)
    monkeypatch.setattr(layers_of_sessions, "_FAR_MILLISECONDS", 60_000.0)


async def test_a_connection_that_works_is_described_layer_by_layer(call: Call, target: Target, major: int) -> None:
    found = (await call("POST", "/connection-tests", {})).json()
    assert (found["ok"], found["first_failure"]) == (True, None), found
    layers = {one["layer"]: one for one in found["layers"]}
    assert layers["authentication"]["facts"] == {"method": "scram-sha-256", "channel_binding": True}
    assert layers["version"]["facts"]["version"].split(".")[0] == str(major)
    assert layers["read_write"]["facts"] == {"transaction_read_only": False, "is_standby": False}
    assert layers["free_slots"]["facts"]["free"] > 0
    none = (await call("POST", "/connection-tests", {"logical_database": "no such one"})).json()
    assert none["first_failure"] == "authentication"


async def test_tls_is_demanded_and_no_more(call: Call, cluster: Cluster, target: Target) -> None:
    before = (cluster.files.data / "pg_hba.conf").read_bytes()
    plain = replace(target, tls=TlsMode.DISABLE)
    assert await refusal_of(plain) is None
    done = (await call("PUT", "/tls-enforcement", {"mode": "required"})).json()
    assert (done["mode"], bool(done["changes"])) == ("required", True)
    assert await refusal_of(plain) is not None
    assert await refusal_of(target) is None
    assert (await call("PUT", "/tls-enforcement", {"mode": "off"})).json()["mode"] == "off"
    assert (cluster.files.data / "pg_hba.conf").read_bytes() == before
