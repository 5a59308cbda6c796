"""The table of troubles: every row can be found, and the documentation shows exactly these."""

from pathlib import Path

import pytest

from app.connections.troubles.trouble import Layer
from app.connections.troubleshooting import TROUBLES, trouble_of_certificate, trouble_of_state

DOCUMENT = Path(__file__).parents[2] / "docs" / "connection-errors.md"
HEAD = "| code | shows as | cause | what to do |\n| --- | --- | --- | --- |"


def rendered() -> str:
    """The sections of the document, one a layer."""
    sections = []
    for layer in Layer:
        rows = [one for one in TROUBLES if one.layer is layer]
        lines = [
            f"| `{one.code}` | {one.shows}{f' ({one.sqlstate})' if one.sqlstate else ''} | {one.cause} | {one.remedy} |"
            for one in rows
        ]
        sections.append("\n".join([f"## {layer.value}", "", HEAD, *lines]))
    return "\n\n".join(sections) + "\n"


def test_the_document_shows_the_table() -> None:
    text = DOCUMENT.read_text()
    assert text[text.index("## ") :] == rendered()


def test_codes_are_unique_and_every_layer_has_some() -> None:
    assert len({one.code for one in TROUBLES}) == len(TROUBLES)
    assert {one.layer for one in TROUBLES} == set(Layer)
    assert not [one.code for one in TROUBLES if "|" in one.shows + one.cause + one.remedy]


@pytest.mark.parametrize(
    ("sqlstate", "said", "code"),
    [
        ("28P01", 'password authentication failed for user "app"', "PASSWORD_WRONG"),
        ("28000", 'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption', "PLAIN_REFUSED"),
        ("28000", 'no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", SSL encryption', "NOT_LET_IN"),
        ("28000", 'role "owner" is not permitted to log in', "LOGIN_DISABLED"),
        ("28000", 'la rol "x" no existe', "LOGIN_REFUSED"),
        ("3D000", 'database "x" does not exist', "DATABASE_MISSING"),
        ("53300", "sorry, too many clients already", "SUPERUSER_SLOTS_FULL"),
        ("53300", "remaining connection slots are reserved for non-replication superuser connections", "SLOTS_FULL"),
        ("53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute", "SLOTS_FULL"),
        ("53300", 'too many connections for role "app"', "ROLE_LIMIT"),
        ("53300", 'too many connections for database "shop"', "DATABASE_LIMIT"),
        ("57P03", "the database system is starting up", "STARTING"),
        ("08P01", "unsupported startup parameter: statement_timeout", "POOLER_PARAMETER"),
        ("08P01", "query_wait_timeout", "POOLER_WAITED"),
        ("42501", 'permission denied for database "shop"', "CONNECT_FORBIDDEN"),
    ],
)
def test_what_a_server_says_leads_to_its_row(sqlstate: str, said: str, code: str) -> None:
    found = trouble_of_state(sqlstate, said)
    assert found is not None
    assert found.code == code


def test_what_nobody_foresaw_leads_to_none() -> None:
    assert trouble_of_state("XX000", "something else") is None


@pytest.mark.parametrize(
    ("verify_code", "code"),
    [(10, "TLS_EXPIRED"), (9, "TLS_NOT_YET_VALID"), (62, "TLS_NAME_MISMATCH"), (20, "TLS_UNKNOWN_ISSUER")],
)
def test_what_openssl_has_against_a_certificate_leads_to_its_row(verify_code: int, code: str) -> None:
    assert trouble_of_certificate(verify_code).code == code
