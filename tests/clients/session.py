"""The README's session in Python, with the generated client. Prints what came out of it as one JSON object."""

import json
import os
import subprocess
import sys
from typing import TypeVar
from uuid import uuid4

import httpx
from pgmanager_client import AuthenticatedClient
from pgmanager_client.api.backups import create_backups, get_backup
from pgmanager_client.api.databases import create_database, get_database, get_database_variables
from pgmanager_client.api.jobs import get_job, stream_job_events
from pgmanager_client.api.locations import create_location
from pgmanager_client.api.projects import create_project
from pgmanager_client.api.restores import create_restore, get_restore
from pgmanager_client.models import (
    Addressing,
    BackupCreate,
    IntoLogicalDatabase,
    JobEventView,
    JobState,
    JobView,
    LocalDatabaseCreate,
    LocationCreate,
    Problem,
    ProjectCreate,
    RestoreCreate,
)

Answer = TypeVar("Answer")

LOAD = """
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL);
INSERT INTO orders SELECT n, n * 0.99 FROM generate_series(1, 100000) AS n;
"""


class Refused(Exception):
    """An answer that was a problem document."""


def good(answer: Answer | Problem | None) -> Answer:
    if isinstance(answer, Problem):
        raise Refused(f"{answer.code}: {answer.detail}")
    assert answer is not None, "an answer without a body"
    return answer


def once() -> str:
    return str(uuid4())


def finished(client: AuthenticatedClient, job: JobView | None) -> JobView:
    assert job is not None, "there is no job"
    while not job.done:
        job = good(get_job.sync(job.id, client=client, wait=30))
    if job.state is not JobState.SUCCEEDED:
        raise Refused(f"{job.kind} {job.state}: {job.error and job.error.detail}")
    return job


def events(stream: str) -> list[JobEventView]:
    """The stored events of a whole stream; those of progress have no number."""
    messages = [dict(line.partition(": ")[::2] for line in text.splitlines()) for text in stream.split("\n\n")]
    return [JobEventView.from_dict(json.loads(message["data"])) for message in messages if "id" in message]


def psql(variables: dict[str, str], sql: str) -> str:
    """The variables have the names that libpq reads, so that no password becomes an argument."""
    command = ["psql", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--command", sql]
    done = subprocess.run(command, env=os.environ | variables, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def session(client: AuthenticatedClient) -> dict[str, object]:
    project = good(create_project.sync(client=client, body=ProjectCreate(name="python")))
    location = LocationCreate(
        project_id=project.id,
        name="main",
        endpoint_url=os.environ["S3_ENDPOINT"],
        bucket=os.environ["S3_BUCKET"],
        prefix="python",
        region="us-east-1",
        addressing=Addressing.PATH,
        allow_insecure=True,
        access_key_id=os.environ["S3_ACCESS_KEY_ID"],
        secret_access_key=os.environ["S3_SECRET_ACCESS_KEY"],
    )
    place = good(create_location.sync(client=client, body=location))

    wish = LocalDatabaseCreate(provider="local", project_id=project.id, name="shop")
    made = good(create_database.sync(client=client, body=wish, idempotency_key=once()))
    finished(client, made.job)
    database = good(get_database.sync(made.database.id, client=client))
    shown = good(get_database_variables.sync(database.id, client=client, reveal=True))
    variables = shown.variables.additional_properties
    psql(variables, LOAD)

    taken = good(create_backups.sync(database.id, client=client, body=BackupCreate(), idempotency_key=once()))
    told = events(good(stream_job_events.sync(taken.job.id, client=client)))
    backup = good(get_backup.sync(taken.backups[0].id, client=client))

    psql(variables, "DROP TABLE orders")
    target = IntoLogicalDatabase(kind="logical_database", name="restored")
    restoring = RestoreCreate(backup_id=backup.id, target=target)
    begun = good(create_restore.sync(client=client, body=restoring, idempotency_key=once()))
    finished(client, begun.job)
    restore = good(get_restore.sync(begun.restore.id, client=client))
    assert restore.report is not None, "a restore that is done has its report"

    unknown = get_backup.sync_detailed(backup.id[:-1] + ("1" if backup.id[-1] == "0" else "0"), client=client)
    assert isinstance(unknown.parsed, Problem), unknown
    return {
        "location": place.state,
        "database": database.state,
        "events": [event.kind for event in told],
        "backup": backup.state,
        "rows": backup.rows,
        "restore": restore.state,
        "tables": [[table.name, table.found, table.equal] for table in restore.report.tables],
        "restored": psql(variables | {"PGDATABASE": "restored"}, "SELECT count(*), sum(total) FROM orders"),
        "problem": [unknown.status_code, unknown.parsed.code, unknown.parsed.retryable],
    }


if __name__ == "__main__":
    # Longer than the longest wait, and than the pauses of an event stream.
    timeout = httpx.Timeout(90)
    with AuthenticatedClient(os.environ["PGM_URL"], os.environ["PGM_KEY"], timeout=timeout) as opened:
        json.dump(session(opened), sys.stdout)
