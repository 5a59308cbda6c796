from pathlib import Path
from typing import Any

import pytest

from app.postgres.server_config import HBA, render

PLACES: dict[str, Any] = {
    "data": Path("/srv/it's/data"),
    "port": 5433,
    "sockets": Path("/srv/it's/sockets"),
    "hba": Path("/srv/it's/hba.conf"),
    "tls_identity": None,
    "has_contrib": False,
    "fsync": True,
    "settings": {},
}


def test_values_are_quoted_and_own_settings_win() -> None:
    text = render(**PLACES | {"settings": {"work_mem": "8MB", "port": "1", "odd": "a\\b\n'c'"}})
    assert text.startswith("include '/srv/it''s/data/postgresql.conf'\n")
    assert "work_mem = '8MB'\n" in text
    assert [line for line in text.splitlines() if line.startswith("port")] == ["port = '1'"]
    assert r"odd = 'a\\b\n''c'''" in text


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"tls_identity": Path("/srv/server.pem")}, "ssl_key_file = '/srv/server.pem'"),
        ({"has_contrib": True}, "shared_preload_libraries = 'pg_stat_statements'"),
        ({"fsync": False}, "fsync = 'off'"),
        ({"sockets": Path("/") / ("long" * 30)}, "unix_socket_directories = ''"),
    ],
)
def test_what_a_build_or_a_caller_allows_is_turned_on(changed: dict[str, Any], expected: str) -> None:
    assert expected not in render(**PLACES)
    assert expected in render(**PLACES | changed)


def test_nobody_gets_in_without_a_password() -> None:
    methods = {line.split()[-1] for line in HBA.splitlines() if not line.startswith("#")}
    assert methods == {"scram-sha-256"}
