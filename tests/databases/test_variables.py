from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.databases.variables import MASK, variables_of
from app.postgres.connect import Target, TlsMode

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(user=TEXT, password=TEXT, database=TEXT)
def test_the_url_says_the_same_as_the_parts(user: str, password: str, database: str) -> None:
    variables = variables_of(Target("db.internal", 5433, user, SecretStr(password), database), reveal=True)
    url = urlsplit(variables["DATABASE_URL"])
    assert (url.scheme, url.hostname, url.port) == ("postgresql", "db.internal", 5433)
    assert (unquote(url.username or ""), unquote(url.password or "")) == (user, password)
    assert unquote(url.path[1:]) == database == variables["PGDATABASE"] == variables["POSTGRES_DB"]


@given(password=TEXT.filter(lambda text: len(text) > 8))
def test_a_masked_password_stands_nowhere(password: str) -> None:
    variables = variables_of(Target("host", 5432, "user", SecretStr(password), "name"), reveal=False)
    assert password not in "\n".join(variables.values())
    assert variables["PGPASSWORD"] == variables["POSTGRES_PASSWORD"] == MASK


@pytest.mark.parametrize("mode", list(TlsMode))
def test_a_mode_is_named_where_saying_nothing_would_mean_another(mode: TlsMode) -> None:
    variables = variables_of(Target("host", 5432, "user", SecretStr("word"), "name", tls=mode), reveal=True)
    named = parse_qs(urlsplit(variables["DATABASE_URL"]).query).get("sslmode", ["prefer"])
    assert named == [variables["PGSSLMODE"]]
