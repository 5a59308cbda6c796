import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.postgres.connect import Target, TlsMode
from app.postgres.connection_string import connection_string, parse_connection_string
from app.postgres.errors import ConnectionStringInvalid

SECRET = "hunter2"

printable = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgresql://me:hunter2@db.example:6543/shop?sslmode=require",
            ("db.example", 6543, "me", "shop", TlsMode.REQUIRE),
        ),
        ("postgres://me:hunter2@db.example", ("db.example", 5432, "me", "me", TlsMode.PREFER)),
        ("postgres://me:hunter2@db.example/", ("db.example", 5432, "me", "me", TlsMode.PREFER)),
        ("  postgres://me:hunter2@[::1]:6000/a%2Fb\n", ("::1", 6000, "me", "a/b", TlsMode.PREFER)),
        ("postgres://me:hunter2@[fe80::1]/x", ("fe80::1", 5432, "me", "x", TlsMode.PREFER)),
        ("postgres:///x?host=h&user=me&password=hunter2&port=7", ("h", 7, "me", "x", TlsMode.PREFER)),
        ("postgres://h?user=me&password=hunter2&dbname=x&port=", ("h", 5432, "me", "x", TlsMode.PREFER)),
        (
            "host=h port=7 dbname=x user=me password=hunter2 sslmode=verify-full",
            ("h", 7, "me", "x", TlsMode.VERIFY_FULL),
        ),
        (r"host = 'h' user='m\'e' password=hunter2 database = 'a b\\c'", ("h", 5432, "m'e", r"a b\c", TlsMode.PREFER)),
    ],
)
def test_both_forms_are_read(text: str, expected: tuple[str, int, str, str, TlsMode]) -> None:
    target = parse_connection_string(text)
    assert (target.host, target.port, target.user, target.database, target.tls) == expected
    assert target.password.get_secret_value() == SECRET


def test_the_root_certificate_comes_beside_the_text() -> None:
    assert parse_connection_string("postgres://me:pw@h", ca_pem="PEM").ca_pem == "PEM"


@pytest.mark.parametrize(
    "key",
    [
        "passfile", "service", "sslkey", "sslcert", "sslpassword", "options", "hostaddr", "application_name",
        "connect_timeout", "target_session_attrs", "krbsrvname", "require_auth",
    ],
)  # fmt: skip
def test_any_other_key_is_refused_by_name(key: str) -> None:
    for text in (
        f"postgres://me:hunter2@h/x?{key}=/etc/passwd",
        f"host=h user=me password=hunter2 {key}='/etc/passwd'",
    ):
        with pytest.raises(ConnectionStringInvalid, match=f"{key} is refused") as caught:
            parse_connection_string(text)
        assert caught.value.status == 422
        assert "/etc" not in caught.value.detail


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("postgres://me:hunter2@/x", "no host"),
        ("postgres://:hunter2@h/x", "no user"),
        ("postgres://h/x?password=hunter2", "no user"),
        ("postgres://me@h/x", "no password"),
        ("postgres://me:@h/x", "no password"),
        ("postgres://me:hunter2@%2Fvar%2Frun/x", "host is a socket path"),
        ("host=/var/run user=me password=hunter2", "host is a socket path"),
        ("host=@abstract user=me password=hunter2", "host is a socket path"),
        ("postgres://me:hunter2@a,b/x", "several servers"),
        ("postgres://me:hunter2@a:1,b:2/x", "port names several"),
        ("postgres://me:hunter2@h:99999/x", "port is not a number"),
        ("postgres://me:hunter2@h:0/x", "port is not a number"),
        ("postgres://me:hunter2@h:\u0665/x", "port is not a number"),
        ("postgres://me:hunter2/x@h/db", "port is not a number"),
        ("postgres://me:hun@ter2@h/db", "%40"),
        ("postgres://me:hunter2%zz@h/db", "password holds a %"),
        ("postgres://me:hunter2%ff@h/db", "password is not UTF-8"),
        ("postgres://me:hunter2@h/db%00", "control character"),
        ("postgres://me:hunter2@h?hunter2=%zz&password%=x", "A parameter holds a %"),
        ("postgres://me:hunter2@h/db?sslmode", "has no value"),
        ("postgres://me:hunter2@h/db?sslmode=hunter2", "sslmode has to be one of disable, prefer"),
        ("postgres://me:hunter2@h/db?sslmode=allow", "sslmode has to be one of"),
        ("postgres://me:hunter2@h/db?sslrootcert=/x", "the certificate itself"),
        ("postgres://me:hunter2@h/db?user=other", "user is given twice"),
        ("postgres://me:hunter2@h/db?password=hunter3", "password is given twice"),
        ("host=h dbname=a database=b user=me password=hunter2", "database is given twice"),
        ("postgres://me:hunter2@[::1/x", "not closed"),
        ("postgres://me:hunter2@[::1]x/x", "not closed"),
        ("postgres://me:hunter2@h h/x", "neither a name"),
        ("mysql://me:hunter2@h/x", "neither a postgresql://"),
        ("hunter2", "neither a postgresql://"),
        ("host='h user=me password=hunter2", "neither a postgresql://"),
        ("host=h user=me hunter2!=x password=x", "A parameter is refused"),
        ("", "no host"),
    ],
)
def test_what_cannot_be_used_is_refused_without_repeating_it(text: str, reason: str) -> None:
    with pytest.raises(ConnectionStringInvalid, match=reason) as caught:
        parse_connection_string(text)
    assert "hunter2!" not in caught.value.detail
    assert "hunter3" not in caught.value.detail
    assert caught.value.__cause__ is None


targets = st.builds(
    Target,
    host=st.sampled_from(["localhost", "db.example.com", "10.0.0.1", "::1", "2001:db8::7"]),
    port=st.integers(1, 65535),
    user=printable,
    password=printable.map(SecretStr),
    database=printable,
    tls=st.sampled_from(TlsMode),
)


@given(target=targets)
def test_a_revealed_string_is_read_back_as_it_was(target: Target) -> None:
    assert parse_connection_string(connection_string(target, reveal=True)) == target


@given(values=st.fixed_dictionaries({"user": printable, "password": printable, "dbname": printable}))
def test_quoted_pairs_are_read_back_as_they_were(values: dict[str, str]) -> None:
    quoted = {key: value.replace("\\", r"\\").replace("'", r"\'") for key, value in values.items()}
    target = parse_connection_string("host=h " + " ".join(f"{key}='{value}'" for key, value in quoted.items()))
    assert (target.user, target.password.get_secret_value(), target.database) == (
        values["user"],
        values["password"],
        values["dbname"],
    )


@given(text=st.text(max_size=80) | st.text(max_size=80).map(lambda rest: f"postgres://{rest}"))
def test_any_text_is_a_target_or_a_refusal(text: str) -> None:
    try:
        target = parse_connection_string(text)
    except ConnectionStringInvalid:
        return
    assert target.host
    assert 0 < target.port < 65536


def test_a_masked_string_hides_the_password() -> None:
    target = parse_connection_string("postgres://me:hunter2@h/x")
    assert connection_string(target, reveal=False) == "postgresql://me:****@h:5432/x?sslmode=prefer"
    assert SECRET not in repr(target)
