from uuid import UUID

from app.extensions.errors import PreloadRequired
from app.extensions.schemas import is_preloaded


def test_a_library_is_found_in_the_list_however_it_is_written() -> None:
    assert is_preloaded("pg_cron", 'pg_stat_statements, "$libdir/pg_cron"')
    assert not is_preloaded("pg_cron", "pg_cron_extra")
    assert not is_preloaded("pg_cron", "")


def test_the_way_out_keeps_what_is_loaded_already() -> None:
    refusal = PreloadRequired(UUID(int=7), "pgaudit", "pgaudit", "pg_stat_statements")
    values = refusal.members["remedy"]["body"]["values"]
    assert values == {"shared_preload_libraries": "pg_stat_statements, pgaudit"}
    first = PreloadRequired(UUID(int=7), "pgaudit", "pgaudit", "")
    assert first.members["remedy"]["body"]["values"] == {"shared_preload_libraries": "pgaudit"}
