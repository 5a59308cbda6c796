import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.postgres import toolchain as module
from app.postgres.errors import ToolMissing, VersionUnsupported
from app.postgres.process import run
from app.postgres.toolchain import Ability, Installation, Toolchain

FULL = frozenset(Ability)
CLIENT = frozenset({Ability.TLS})


def installation(major: int, abilities: frozenset[Ability] = CLIENT, folder: str = "/x") -> Installation:
    return Installation(Path(folder), major, f"{major}.1", abilities)


def chain(*majors: int) -> Toolchain:
    return Toolchain(tuple(installation(major) for major in majors))


def test_debian_and_the_wheel_are_found_with_their_real_abilities(toolchain: Toolchain) -> None:
    found = {i.major: i for i in toolchain.installations if "pgserver" in str(i.bin_dir)}
    assert sorted(found) == [16, 18]
    assert found[16].abilities == found[18].abilities == {Ability.SERVER, Ability.RESTRICT}
    debian = [i for i in toolchain.installations if str(i.bin_dir).startswith("/usr/lib/postgresql/15/")]
    assert len(debian) == 1
    assert {Ability.SERVER, Ability.TLS, Ability.CONTRIB, Ability.RESTRICT} <= debian[0].abilities
    assert not debian[0].abilities & {Ability.ZSTD, Ability.LZ4}
    assert debian[0].version.startswith("15.")


async def test_a_folder_of_another_release_runs_by_its_own_loader() -> None:
    """This machine's own root stands in for another release: the same layout, the same loader."""
    found = await Toolchain.discover(debian_root=Path("/"))
    launched = [i for i in found.installations if i.launcher]
    assert [i.major for i in launched] == [15]
    assert launched[0].abilities == {Ability.TLS, Ability.RESTRICT}
    assert launched[0].command("pg_dump")[1] == "--library-path"
    version = await run([*launched[0].command("pg_dump"), "--version"], env={}, timeout_seconds=10)
    assert version.stdout.startswith(b"pg_dump (PostgreSQL) 15.")


async def test_a_broken_installation_is_skipped_with_a_log_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PROBE_SECONDS", 1.0)
    scripts = {"fails": "exit 1", "hangs": "sleep 60", "lies": "echo pg_dump 99"}
    folders = []
    for name, script in scripts.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "pg_dump").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "pg_dump").chmod(0o755)
        folders.append(folder)
    with capture_logs() as logs:
        found = await Toolchain.discover(extra=folders)
    skipped = {Path(line["folder"]).name for line in logs if line["event"] == "toolchain.installation_skipped"}
    assert skipped == set(scripts)
    assert {15, 16, 18} <= {i.major for i in found.installations}


async def test_extra_folders_are_probed_by_what_their_programs_do(tmp_path: Path) -> None:
    refused = 'echo "connection to server on socket \\"/nonexistent/x\\" failed" >&2; exit 1'
    programs = {
        "pg_dump": f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 19beta1" && exit 0\n{refused}',
        "psql": refused,
        "postgres": 'echo "postgres (PostgreSQL) 19beta1"',
        "initdb": "",
        "pg_ctl": "",
    }
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    found = [i for i in (await Toolchain.discover(extra=[tmp_path])).installations if i.bin_dir == tmp_path.resolve()]
    assert [(i.major, i.version) for i in found] == [(19, "19.1")]
    assert found[0].abilities == FULL - {Ability.CONTRIB, Ability.RESTRICT}


async def test_programs_on_the_path_are_found_once(monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain) -> None:
    monkeypatch.setenv("PATH", f"{toolchain.installations[0].bin_dir}:{os.environ['PATH']}")
    assert len((await Toolchain.discover()).installations) == len(toolchain.installations)


@pytest.mark.parametrize(("server", "taken"), [(13, 15), (15, 15), (16, 16), (17, 18), (18, 18)])
def test_a_dump_takes_the_servers_major_or_the_lowest_above(server: int, taken: int) -> None:
    assert chain(18, 15, 16).client_for_dump(server).major == taken


def test_a_dump_of_a_newer_server_names_the_package() -> None:
    with pytest.raises(ToolMissing, match="postgresql-client-19") as caught:
        chain(15, 18).client_for_dump(19)
    assert (caught.value.status, caught.value.code) == (422, "TOOLCHAIN_MISSING")
    assert caught.value.members["package"] == "postgresql-client-19"


def test_an_sql_file_is_given_only_to_a_psql_that_can_be_restricted() -> None:
    found = Toolchain((installation(15), installation(16, frozenset({Ability.RESTRICT})), installation(18, FULL)))
    assert found.client_for_sql(15).major == 16
    assert found.client_for_sql(15, needs=[Ability.TLS]).major == 18
    with pytest.raises(ToolMissing, match="restrict"):
        chain(15, 18).client_for_sql(15)


def test_more_abilities_win_among_equal_majors() -> None:
    poor, rich = installation(17, frozenset(), "/poor"), installation(17, FULL, "/rich")
    for both in ((poor, rich), (rich, poor)):
        found = Toolchain(both)
        assert found.client_for_dump(17) == found.client_for_restore(16, 17, "gzip") == found.server(17) == rich


def test_a_needed_ability_may_take_a_newer_client_or_none() -> None:
    found = Toolchain((installation(15, frozenset()), installation(18)))
    assert found.client_for_dump(15).major == 15
    assert found.client_for_dump(15, needs=[Ability.TLS]).major == 18
    with pytest.raises(ToolMissing, match="with zstd"):
        found.client_for_dump(15, needs=[Ability.ZSTD])


@pytest.mark.parametrize(
    ("majors", "archive", "target", "taken"),
    [
        ((15, 16, 18), 15, 16, 16),
        ((15, 16, 18), 15, 18, 18),
        ((15, 16, 18), 15, 17, 16),  # older than the target, but not than the archive
        ((15, 18), 16, 17, 18),
        ((16, 18), 15, 15, 16),
    ],
)
def test_a_restore_takes_a_client_that_reads_the_archive_near_the_target(
    majors: tuple[int, ...], archive: int, target: int, taken: int
) -> None:
    assert chain(*majors).client_for_restore(archive, target, "gzip").major == taken


def test_a_restore_into_an_older_server_than_the_archives_client_is_refused() -> None:
    with pytest.raises(VersionUnsupported, match="pg_dump 18 cannot be restored into a PostgreSQL 16"):
        chain(15, 16, 18).client_for_restore(18, 16, "none")


@pytest.mark.parametrize("compression", [Ability.ZSTD, Ability.LZ4])
def test_a_restore_needs_a_client_that_reads_the_compression(compression: Ability) -> None:
    able = installation(18, frozenset({compression}))
    assert Toolchain((installation(17), able)).client_for_restore(17, 17, compression.value) is able
    with pytest.raises(ToolMissing, match=f"{compression.value} compression.*postgresql-client-17"):
        chain(17, 18).client_for_restore(17, 17, compression.value)


def test_a_server_is_of_the_wished_major_or_the_most_complete() -> None:
    complete, newest = installation(15, FULL), installation(18, frozenset({Ability.SERVER}))
    found = Toolchain((newest, complete, installation(19)))
    assert found.server(18) is newest
    assert found.server() is complete
    for major, package in ((19, "postgresql-19"), (None, "postgresql")):
        with pytest.raises(ToolMissing) as caught:
            chain(19).server(major)
        assert caught.value.members["package"] == package
