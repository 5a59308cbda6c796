"""Two pages, run as they are printed: docs/recipes.md backs a database up and brings it back in every way; then the
control plane is lost, and docs/recovery.md has the bucket and the key.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.embedded.stack import BUCKET, Stack, embedded_stack
from app.kit.sealing import KeyRing
from app.locations.identity import identities
from app.postgres.cluster import Cluster, ClusterSpec, free_port
from app.postgres.toolchain import Toolchain
from app.runtime import open_runtime
from tests.control import ControlServer

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
ORDERS = 100_000
ROWS = ORDERS + 1000
_PORTS = (30500, 30999)
_RESCUER, _PASSWORD = "rescuer", "of a server for one test"
# What the recipes begin with: a project, and a database with an unruly table in it.
_BEFORE = r"""
project=$(curl --silent --fail "$PGM_URL/v1/projects" -H "Authorization: Bearer $PGM_KEY" --json '{"name": "shop"}' | jq -r .id)
answer=$(curl --silent --fail "$PGM_URL/v1/databases" -H "Authorization: Bearer $PGM_KEY" -H "Idempotency-Key: recipes" \
    --json "{\"provider\": \"local\", \"project_id\": \"$project\", \"name\": \"shop\"}")
database=$(jq -r .database.id <<<"$answer")
curl --silent --fail "$PGM_URL/v1/jobs/$(jq -r .job.id <<<"$answer")?wait=60" -H "Authorization: Bearer $PGM_KEY" \
    | jq --exit-status '.state == "succeeded"'
url=$(curl --silent --fail "$PGM_URL/v1/databases/$database/variables?reveal=true" -H "Authorization: Bearer $PGM_KEY" \
    | jq -r .variables.DATABASE_URL)
psql "$url" --quiet -c 'CREATE TABLE "the ""customers" AS SELECT n FROM generate_series(1, 1000) AS n' \
    -c 'CREATE TABLE orders AS SELECT n, n * 0.99 AS total FROM generate_series(1, 100000) AS n'
"""
_AFTER = r"""
for name in restored from_a_file a_copy; do
    psql "${url/\/railway/\/$name}" --no-psqlrc -At -c "SELECT '$name', count(*) FROM orders"
done
psql "$url" --no-psqlrc -At -c "SELECT 'as_it_was', count(*) FROM as_it_was.orders"
"""
# The servers that the runbook made: ended before the service is, which would else leave them running.
_END = r"""
for database in $(jq -r .database_id restored.json); do
    name=$(api "$PGM_URL/v1/databases/$database" | jq -r .name)
    answer=$(api -X DELETE "$PGM_URL/v1/databases/$database?confirm=$name&final_backup=false")
    api "$PGM_URL/v1/jobs/$(jq -r .job.id <<<"$answer")?wait=60" | jq --exit-status '.state == "succeeded"'
done
kill %1
wait %1
"""


@dataclass(frozen=True)
class Ruins:
    """What is left: a bucket, and a folder with the key."""

    folder: Path
    environment: dict[str, str]

    async def run(self, script: str, **environment: str) -> str:
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", script),
            env=self.environment | environment,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = await shell.communicate()
        finally:
            with suppress(ProcessLookupError):  # the service that the runbook starts, when it went wrong before its end
                os.killpg(shell.pid, signal.SIGKILL)
            await shell.wait()
        log = self.folder / "serve.log"
        text = output.decode()
        assert shell.returncode == 0, text + (log.read_text()[-3000:] if log.exists() else "")
        return text


def printed(page: str, name: str) -> str:
    """All parts of that name, one behind the other."""
    found: list[str] = re.findall(rf"<!-- {name} -->\n```bash\n(.*?)```", (DOCUMENTS / page).read_text(), re.DOTALL)
    assert found, f"{page} has no part {name}"
    return "".join(found)


@pytest.fixture
async def ruins(server_directory: Path) -> AsyncIterator[Ruins]:
    async with embedded_stack(server_directory / "lost") as stack:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "S3_ENDPOINT": stack.store.endpoint_url,
            "S3_BUCKET": BUCKET,
            "S3_REGION": "us-east-1",
            "S3_ADDRESSING": "path",
            "S3_ALLOW_INSECURE": "true",
            "S3_ACCESS_KEY_ID": stack.store.access_key,
            "S3_SECRET_ACCESS_KEY": stack.store.secret_key.get_secret_value(),
        }
        folder = server_directory / "ruins"
        folder.mkdir(mode=0o700)
        left = Ruins(folder, environment)
        told = await left.run(
            _BEFORE + printed("recipes.md", "recipe") + _AFTER,
            PGM_URL=stack.base_url,
            PGM_KEY=stack.admin_key.get_secret_value(),
            MINIO_ENDPOINT=stack.store.endpoint_url,
            MINIO_BUCKET=BUCKET,
            MINIO_ACCESS_KEY=stack.store.access_key,
            MINIO_SECRET_KEY=stack.store.secret_key.get_secret_value(),
        )
        ended = re.findall(r'"kind":"(\S+?)","state":"(\w+)"', told)
        assert len(ended) == 10, told
        assert {state for _, state in ended} == {"succeeded"}, told
        for name in ("restored", "from_a_file", "a_copy", "as_it_was"):
            assert f"{name}|{ORDERS}" in told, told
        await keep_key(stack, folder / "key.txt")
        yield left
        shutil.rmtree(folder)


async def keep_key(stack: Stack, path: Path) -> None:
    """As `pgmanager identity export --reveal` prints it."""
    path.touch(mode=0o600)
    async with (
        open_runtime(stack.settings, role="worker", toolchain=Toolchain(())) as runtime,
        runtime.sessions() as session,
    ):
        found = await identities(session, KeyRing.parse(stack.settings.secret_keys.get_secret_value()))
    path.write_text("".join(f"# public key: {key.recipient}\n{key.secret.get_secret_value()}\n" for key in found))


@asynccontextmanager
async def scratch_server(folder: Path, toolchain: Toolchain) -> AsyncIterator[Cluster]:
    spec = ClusterSpec(
        directory=folder,
        port=free_port(*_PORTS),
        superuser=_RESCUER,
        password=SecretStr(_PASSWORD),
        settings={"ssl": "off"},
        fsync=False,
    )
    cluster = Cluster(spec, toolchain.server(), attached=True)
    await cluster.create()
    try:
        await cluster.start()
        yield cluster
    finally:
        await cluster.destroy()


@pytest.mark.timeout(600)
async def test_what_the_recipes_backed_up_is_brought_back_by_both_ways_of_the_runbook(
    ruins: Ruins, control: ControlServer, server_directory: Path
) -> None:
    async with scratch_server(server_directory / "rescue", control.toolchain) as cluster:
        told = await ruins.run(
            printed("recovery.md", "with-stock-tools"),
            PATH=f"{cluster.installation.bin_dir}:{ruins.environment['PATH']}",
            PGHOST="127.0.0.1",
            PGPORT=str(cluster.spec.port),
            PGUSER=_RESCUER,
            PGPASSWORD=_PASSWORD,
        )
    assert f"restored {ROWS} rows" in told
    assert " rows: SELECT" not in told, told

    port = free_port(*_PORTS)
    async with control.database(template="template0") as url:
        told = await ruins.run(
            printed("recovery.md", "with-the-product") + _END,
            PGM_DATABASE_URL=url,
            PGM_DATA_DIR=str(server_directory / "next"),
            PGM_HOST="127.0.0.1",
            PGM_PORT=str(port),
            PGM_URL=f"http://127.0.0.1:{port}",
            PGM_STORAGE__ALLOW_PRIVATE_ENDPOINTS="true",
            PGM_STORAGE__ALLOW_INSECURE_ENDPOINTS="true",
        )
    assert "4 manifests were found" in told, told
    assert '"state":"restored","equal":true' in told
    assert f'"rows":{ROWS}' in told
