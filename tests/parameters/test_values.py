"""What we take a value for is what the server takes it for."""

import pytest

from app.postgres.connect import Session
from app.postgres.parameter_values import Kind, checked, entries, normal, same
from app.postgres.parameters import read

TEXTS = [
    ("work_mem", "1.5MB"),
    ("work_mem", "0.0007GB"),
    ("work_mem", "65536"),
    ("work_mem", "1048576B"),
    ("statement_timeout", "1.5min"),
    ("statement_timeout", "2 h"),
    ("statement_timeout", "1999us"),
    ("vacuum_cost_delay", "1500us"),
    ("random_page_cost", "1.25"),
    ("random_page_cost", "1e1"),
    ("seq_page_cost", ".5"),
    ("effective_cache_size", "3GB"),
    ("temp_file_limit", "-1"),
    ("jit", "YES"),
    ("jit", "f"),
    ("client_min_messages", "Warning"),
    ("search_path", '"$user",Public , "A b"'),
    ("application_name", "it's"),
]


async def test_texts_mean_what_they_mean_to_the_server(server: Session) -> None:
    parameters = (await read(server)).parameters
    for name, text in TEXTS:
        kind = parameters[name].kind
        async with server.transaction():
            await server.fetchval("SELECT set_config($1, $2, true)", name, text)
            setting = await server.fetchval("SELECT setting FROM pg_settings WHERE name = $1", name)
        assert same(kind, text, setting), (name, text, setting, normal(kind, text))
        assert checked(kind, text) == text


def test_a_value_that_the_server_would_refuse_is_refused_with_what_it_takes() -> None:
    memory = Kind("work_mem", "integer", "kB", "64", "2147483647")
    for value, said in (
        ("63", "64 to"),
        ("1Mb", "units B, kB"),
        ("1s", "units B, kB"),
        ("", "a number"),
        (True, "a number"),
    ):
        with pytest.raises(ValueError, match=said):
            checked(memory, value)
    with pytest.raises(ValueError, match="without a unit"):
        checked(Kind("max_connections", "integer", None, "1", "262143"), "5MB")
    with pytest.raises(ValueError, match="one line"):
        checked(Kind("log_line_prefix", "string"), "a\nb")
    with pytest.raises(ValueError, match="debug5, info"):
        checked(Kind("client_min_messages", "enum", choices=("debug5", "info")), "loud")


def test_lists_are_taken_apart_where_the_server_quotes_their_entries() -> None:
    assert entries("shared_preload_libraries", 'a, "b,c" ,"d""e"') == ["a", "b,c", 'd"e']
    assert entries("search_path", "Shop, public") == ["shop", "public"]
    assert entries("shared_preload_libraries", "") == []
    for text in ("a,", ",a", "a,,b"):
        with pytest.raises(ValueError, match="commas"):
            entries("shared_preload_libraries", text)
