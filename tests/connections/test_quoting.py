"""Names and passwords of any characters, read back by those who will read them, or as their grammar says."""

import json
import re
import shlex
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from app.connections.clients.context import Address, ConnectionContext
from app.connections.clients.quoting import MASK
from app.connections.clients.registry import RENDER, Client
from app.connections.clients.variables import environment
from app.connections.models import PoolMode
from app.postgres.connect import TlsMode

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1) | st.sampled_from(
    ["'", '"', "\\", "o'Neil", 'a"b;c=d', "a b", " a ", "50%41", "p@ss/w:rd?", "a&b=c#d", "${HOME} $(id) `id`", "ü\n\t"]
)


def context_of(user: str = "app", password: str = "word", database: str = "shop", **values: Any) -> ConnectionContext:
    address = Address("db.internal", 5433, TlsMode.VERIFY_CA)
    standard: dict[str, Any] = {
        "address": address,
        "direct": address,
        "public": None,
        "direct_database": values.get("direct_database", database),
        "shadow_database": "shop_shadow",
        "ca_pem": "a root",
        "pool_mode": None,
        "prepared_statements": True,
        "pool_min": 1,
        "pool_max": 5,
        "statement_timeout_seconds": 30,
        "connect_timeout_seconds": 10,
        "application_name": "shop",
    }
    return ConnectionContext(database=database, user=user, password=password, **(standard | values))


@given(user=TEXT, password=TEXT, database=TEXT)
def test_libpq_reads_both_of_its_strings_as_they_were_meant(user: str, password: str, database: str) -> None:
    context = context_of(user, password, database)
    texts = [RENDER[name](context).text for name in (Client.LIBPQ_URI, Client.LIBPQ_KEYWORDS)]
    for found in map(conninfo_to_dict, [*texts, environment(context)["DATABASE_URL"]]):
        assert (found["user"], found["password"], found["dbname"]) == (user, password, database)
        assert (found["host"], found["port"], found["sslmode"]) == ("db.internal", "5433", "verify-ca")
    assert conninfo_to_dict(texts[0]) == conninfo_to_dict(texts[1])
    assert conninfo_to_dict(texts[0])["options"] == "-c statement_timeout=30s"


@given(user=TEXT, password=TEXT, database=TEXT)
def test_a_shell_reads_the_command_of_psql_as_three_words(user: str, password: str, database: str) -> None:
    programme, argument = shlex.split(RENDER[Client.PSQL](context_of(user, password, database)).text)
    found = conninfo_to_dict(argument)
    assert (programme, found["user"], found["dbname"], found.get("password")) == ("psql", user, database, None)


@given(user=TEXT, password=TEXT, database=TEXT)
def test_sqlalchemy_reads_its_addresses_as_they_were_meant(user: str, password: str, database: str) -> None:
    for name in (Client.SQLALCHEMY_ASYNCPG, Client.SQLALCHEMY_PSYCOPG):
        rendered = RENDER[name](context_of(user, password, database))
        for text in (rendered.text, rendered.environment["DATABASE_URL"], rendered.environment["DIRECT_URL"]):
            found = make_url(text)
            assert (found.username, found.password, found.database) == (user, password, database)
            assert (found.host, found.port) == ("db.internal", 5433)


@given(user=TEXT, password=TEXT, database=TEXT)
def test_ado_pairs_end_where_they_were_meant_to(user: str, password: str, database: str) -> None:
    text = RENDER[Client.NPGSQL](context_of(user, password, database)).text
    pairs = re.findall(r'([^=;]+)=("(?:[^"]|"")*"|[^";]*)(?:;|\Z)', text)
    assert ";".join(f"{key}={value}" for key, value in pairs) == text
    found = {key: value[1:-1].replace('""', '"') if value[:1] == '"' else value for key, value in pairs}
    assert (found["Username"], found["Password"], found["Database"]) == (user, password, database)
    assert (found["SSL Mode"], found["Root Certificate"]) == ("VerifyCA", "ca.pem")


@given(user=TEXT, database=TEXT)
def test_windows_get_names_as_they_are_and_pgadmin_no_password(user: str, database: str) -> None:
    context = context_of(user, "a long password", database)
    file = RENDER[Client.PGADMIN](context).files["servers.json"]
    server = json.loads(file)["Servers"]["1"]
    assert (server["Username"], server["MaintenanceDB"], server["Port"]) == (user, database, 5433)
    assert context.password not in file
    address = urlsplit(RENDER[Client.POSTICO](context).text)
    assert (unquote(address.username or ""), unquote(address.path[1:])) == (user, database)
    assert address.scheme == "postico"


@given(database=TEXT)
def test_jdbc_has_the_credentials_beside_its_address(database: str) -> None:
    rendered = RENDER[Client.JDBC](context_of("the user", "a long password", database))
    address = urlsplit(rendered.text.removeprefix("jdbc:"))
    assert (address.username, address.password, unquote(address.path[1:])) == (None, None, database)
    assert parse_qs(address.query)["sslrootcert"] == ["ca.pem"]
    assert "password" not in rendered.text


@pytest.mark.parametrize("client", list(Client))
def test_a_masked_password_stands_readable_and_no_other_does(client: Client) -> None:
    rendered = RENDER[client](context_of(password=MASK))
    assert f":{MASK}@" in environment(context_of(password=MASK))["DATABASE_URL"]
    assert "%2A" not in json.dumps([rendered.text, dict(rendered.environment), dict(rendered.files)])


@pytest.mark.parametrize("client", list(Client))
def test_the_files_are_the_same_whatever_the_password(client: Client) -> None:
    first, second = (RENDER[client](context_of(password=word)).files for word in ("one password", "another password"))
    assert first == second


@pytest.mark.parametrize("client", list(Client))
def test_nothing_that_a_pooler_refuses_stands_in_a_pooled_string(client: Client) -> None:
    pooled = Address("pooler.internal", 6432, TlsMode.VERIFY_CA)
    context = context_of(address=pooled, pool_mode=PoolMode.TRANSACTION, prepared_statements=False)
    rendered = RENDER[client](context)
    values = environment(context) | dict(rendered.environment)
    assert "DATABASE_STATEMENT_TIMEOUT" not in values
    assert values["DATABASE_PREPARED_STATEMENTS"] == "false"
    for text in (rendered.text, *values.values()):
        assert "statement_timeout" not in text
        assert "options=" not in text.lower()
    assert "db.internal:5433" in values["DIRECT_URL"]


def test_an_ipv6_address_stands_in_brackets() -> None:
    context = context_of(address=Address("::1", 5432, TlsMode.REQUIRE), direct_database="shop")
    assert "@[::1]:5432/" in context.url()
    assert "//[::1]:5432/" in RENDER[Client.JDBC](context).text


def test_a_pool_of_another_name_is_only_named_to_the_pooler() -> None:
    pooled = Address("pooler.internal", 6432, TlsMode.VERIFY_CA)
    context = context_of(
        address=pooled, pool_mode=PoolMode.SESSION, database="shop_reports", direct_database="shop", public=None
    )
    values = environment(context)
    assert values["DATABASE_URL"].split("?")[0].endswith("@pooler.internal:6432/shop_reports")
    assert values["DIRECT_URL"].split("?")[0].endswith("@db.internal:5433/shop")
    assert values["PGDATABASE"] == "shop_reports"
