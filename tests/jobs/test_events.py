"""The event stream: numbered without gaps, replayed from any number, ended with the job or with the service."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import fastapi.routing
import httpx
import pytest

from app.errors import Unprocessable
from app.jobs.events import JobWatch
from app.jobs.machine import Move, done, go
from app.jobs.models import Job, JobEvent
from app.jobs.states import JobState
from app.kit.ids import encode_id, new_id
from app.runtime import Runtime
from tests.jobs.harness import Jobs, eventually
from tests.jobs.kinds import AnyRun, Plain, flow

Headers = dict[str, str]


@dataclass
class Event:
    id: int | None
    kind: str
    data: dict[str, Any]


@dataclass
class Stream:
    retry: int | None = None
    comments: int = 0
    events: list[Event] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> "Stream":
        """By the rules of the WHATWG specification, as far as this service uses them."""
        stream = cls()
        for block in text.replace("\r\n", "\n").split("\n\n"):
            fields: dict[str, str] = {}
            for line in block.split("\n"):
                name, _, value = line.partition(":")
                stream.comments += line.startswith(":")
                fields[name] = fields.get(name, "") + value.removeprefix(" ")
            if "retry" in fields:
                stream.retry = int(fields["retry"])
            if "data" in fields:
                number = int(fields["id"]) if "id" in fields else None
                stream.events.append(Event(number, fields["event"], json.loads(fields["data"])))
        return stream

    @property
    def stored(self) -> list[Event]:
        return [event for event in self.events if event.id is not None]


async def read(client: httpx.AsyncClient, job: Job, headers: Headers, *, after: int | None = None) -> httpx.Response:
    seen = {} if after is None else {"Last-Event-ID": str(after)}
    return await client.get(f"/v1/jobs/{encode_id('job', job.id)}/events", headers={**headers, **seen})


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Grows with every look of a stream at its job: there is one as soon as the stream has begun."""
    found: list[UUID] = []
    news = JobWatch._news

    async def looking(watch: JobWatch, after: int) -> tuple[list[JobEvent], Job | None]:
        seen = await news(watch, after)
        found.append(watch._job_id)
        return seen

    monkeypatch.setattr(JobWatch, "_news", looking)
    return found


async def first(run: AnyRun) -> Move:
    await run.warn("a collation differs")
    return go(second)


async def second(_run: AnyRun) -> Move:
    return done(answer=42)


async def ended(jobs: Jobs) -> Job:
    async with jobs.worker(flow(Plain, first, second)):
        return await jobs.until(await jobs.enqueue(Plain()), JobState.SUCCEEDED)


HISTORY = [
    ("state", {"state": "queued"}),
    ("state", {"state": "running", "attempt": 1}),
    ("warning", {"warning": "a collation differs"}),
    ("step", {"step": "second"}),
    ("state", {"state": "succeeded"}),
    ("result", {"answer": 42}),
    ("end", {"state": "succeeded"}),
]


async def test_the_whole_history_is_replayed_and_the_stream_closes(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    job = await ended(jobs)
    response = await read(client, job, as_admin)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "no-cache" in response.headers["cache-control"] or "no-store" in response.headers["cache-control"]
    stream = Stream.parse(response.text)
    assert stream.retry == 3000
    assert [event.id for event in stream.stored] == list(range(1, 8))
    assert [event.data["number"] for event in stream.stored] == list(range(1, 8))
    told = [(event.kind, {**event.data["detail"]}) for event in stream.stored]
    told[1][1].pop("holder")
    assert told == HISTORY


@pytest.mark.parametrize("after", range(8))
async def test_a_stream_goes_on_after_the_last_event_that_was_seen(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, after: int
) -> None:
    response = await read(client, await ended(jobs), as_admin, after=after)
    if after == 7:
        # Whoever has seen the end must not come back for ever.
        assert (response.status_code, response.content) == (204, b"")
    else:
        assert [event.id for event in Stream.parse(response.text).stored] == list(range(after + 1, 8))


async def test_events_come_while_the_job_runs_with_its_progress_between_them(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, looks: list[UUID]
) -> None:
    gates = [asyncio.Event(), asyncio.Event()]

    async def copy(run: AnyRun) -> Move:
        await gates[0].wait()
        for number in range(20):
            run.report(bytes_done=number, bytes_total=20)
            await asyncio.sleep(0.03)
        await gates[1].wait()
        return done()

    async with jobs.worker(flow(Plain, copy)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.RUNNING)
        reading = asyncio.create_task(read(client, job, as_admin))
        await eventually(lambda: looks)
        gates[0].set()
        await eventually(lambda: jobs.execute("SELECT (progress->>'bytes_done')::int = 19 FROM job"))
        gates[1].set()
        stream = Stream.parse((await asyncio.wait_for(reading, 60)).text)
    assert [event.id for event in stream.stored] == [1, 2, 3, 4, 5]
    assert stream.events[-1].kind == "end"
    shown = [event.data["progress"]["bytes_done"] for event in stream.events if event.kind == "progress"]
    assert shown[0] is None  # as it was when the stream began
    assert sum(number is not None for number in shown) >= 2
    assert {event.id for event in stream.events if event.kind == "progress"} == {None}


async def test_the_end_of_a_failed_job_carries_its_error(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers
) -> None:
    async def fails(_run: AnyRun) -> Move:
        raise Unprocessable("no such table")

    async with jobs.worker(flow(Plain, fails)):
        job = await jobs.until(await jobs.enqueue(Plain()), JobState.FAILED)
    last = Stream.parse((await read(client, job, as_admin)).text).stored[-2:]
    assert (last[0].data["detail"]["state"], last[0].data["detail"]["error"]["detail"]) == ("failed", "no such table")
    assert (last[1].kind, last[1].data["detail"]) == ("end", {"state": "failed"})


async def test_a_comment_keeps_an_idle_stream_open_and_the_service_can_end_it(
    client: httpx.AsyncClient,
    jobs: Jobs,
    as_admin: Headers,
    runtime: Runtime,
    looks: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.05)
    monkeypatch.setattr("app.jobs.events.STOP_SECONDS", 0.1)
    job = await jobs.enqueue(Plain())
    reading = asyncio.create_task(read(client, job, as_admin))
    await eventually(lambda: len(looks) > 5)  # half a second, in which nothing happens
    assert not reading.done()
    runtime.stopping.set()
    stream = Stream.parse((await asyncio.wait_for(reading, 60)).text)
    assert stream.comments >= 3
    assert [event.id for event in stream.stored] == [1]


async def test_a_stream_whose_job_vanishes_ends(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, looks: list[UUID]
) -> None:
    job = await jobs.enqueue(Plain())
    reading = asyncio.create_task(read(client, job, as_admin))
    await eventually(lambda: looks)
    await jobs.execute("DELETE FROM job")
    stream = Stream.parse((await asyncio.wait_for(reading, 60)).text)
    assert [event.id for event in stream.stored] == [1]


async def test_a_number_that_is_none_is_refused(client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers) -> None:
    job = await jobs.enqueue(Plain())
    response = await client.get(
        f"/v1/jobs/{encode_id('job', job.id)}/events", headers={**as_admin, "Last-Event-ID": "x"}
    )
    assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")


@pytest.mark.parametrize("after", [2**31, 10**30])
async def test_who_claims_to_have_seen_what_is_not_there_yet_sees_it_when_it_comes(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, after: int
) -> None:
    job = await jobs.enqueue(Plain())
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read(client, job, as_admin, after=after))
        async with jobs.worker(flow(Plain, first, second)):
            await jobs.until(job, JobState.SUCCEEDED)
    assert reading.result().status_code == 200
    assert Stream.parse(reading.result().text).stored[-1].kind == "end"


@pytest.mark.parametrize("tag", [b'"\xb2"', b'"' + b"9" * 5000 + b'"', b"\xff"])
async def test_an_entity_tag_that_is_none_of_ours_names_no_revision(
    client: httpx.AsyncClient, jobs: Jobs, as_admin: Headers, tag: bytes
) -> None:
    job = await jobs.enqueue(Plain())
    headers = [(name.encode(), value.encode()) for name, value in as_admin.items()]
    answer = await client.get(f"/v1/jobs/{encode_id('job', job.id)}", headers=[*headers, (b"If-None-Match", tag)])
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")


async def test_a_lost_notification_costs_a_second_and_no_event(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await jobs.enqueue(Plain())
    watch = JobWatch(jobs.sessions, jobs.listener, job.id)
    monkeypatch.setattr(watch, "_heard", lambda _payload: None)  # deaf from the start
    seen: list[int] = []

    async def follow() -> None:
        seen.extend([news.number async for news in watch.follow(0, stop=asyncio.Event()) if isinstance(news, JobEvent)])

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    async with jobs.worker(flow(Plain)):
        await asyncio.wait_for(following, 60)
    assert seen == [1, 2, 3, 4, 5]


async def test_a_long_poll_looks_for_itself_now_and_then(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.jobs.events.POLL_SECONDS", 0.2)
    monkeypatch.setattr("app.jobs.events.STOP_SECONDS", 0.05)
    job = await jobs.enqueue(Plain())
    watch = JobWatch(jobs.sessions, jobs.listener, job.id)
    monkeypatch.setattr(watch, "_heard", lambda _payload: None)  # deaf from the start
    waiting = asyncio.create_task(watch.changed_since(None, seconds=30, stop=asyncio.Event()))
    async with jobs.worker(flow(Plain)):
        found = await asyncio.wait_for(waiting, 60)
    assert found is not None
    assert found.state == JobState.SUCCEEDED


async def test_a_watch_hears_of_its_job_and_of_reconnections_only(jobs: Jobs) -> None:
    watch = JobWatch(jobs.sessions, jobs.listener, new_id())
    watch._heard(str(new_id()))
    assert not watch._changed.is_set()
    watch._heard("")
    assert watch._changed.is_set()
