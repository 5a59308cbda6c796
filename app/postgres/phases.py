"""An archive restored in three phases from ranges of its bytes: definitions, rows side by side, then indexes and keys.

pg_restore does all of it. Before the data, and after them, it needs the table of contents only; between the two, several of
them each get the table of contents and the blocks of some tables, which from a pipe is an archive like any other. So
nothing is written to a disk, and only what is wanted is read.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from app.postgres.archive import (
    ArchiveIndex,
    Section,
    by_section,
    entries_of,
    mini_archive_ranges,
    with_owners,
)
from app.postgres.connect import KEEPALIVES, Target, libpq_environment, libpq_secrets
from app.postgres.process import DEVNULL, PIPE, ChildProcess
from app.postgres.restore import SESSION_OPTIONS, Parts, Telling, Told, Wish, alongside, feed, use_list, watch
from app.postgres.toolchain import Installation

ReadRange = Callable[[int, int], AsyncGenerator[bytes]]
"""The plain bytes [start, end) of the archive, which were found right. Raises what the store and the copy raise."""

# Small enough that no reader is left alone with the rest for long, large enough that starting a process is nothing.
_BATCHES_PER_READER: Final = 8
# Since client 17: what makes the large objects stands among the data, and has none itself. Their comments and grants,
# and those of nothing else, follow it.
_BLOBS_FIRST: Final = frozenset({"BLOB METADATA"})


@dataclass(frozen=True, slots=True)
class Batch:
    """Blocks that one pg_restore loads, in the order of the archive."""

    dump_ids: tuple[int, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """``header`` is the archive's first ``index.header_length`` bytes; ``read`` gives any others."""

    index: ArchiveIndex
    header: bytes
    read: ReadRange


async def restore_in_phases(
    source: Source,
    target: Target,
    client: Installation,
    wish: Wish,
    *,
    readers: int,
    server_major: int,
    application_name: str,
    run_as: tuple[int, int] | None,
    telling: Telling,
    loaded: Callable[[Collection[int]], object] = lambda _dump_ids: None,
    only: Collection[int] | None = None,
) -> list[str]:
    """The warnings of pg_restore. ``loaded`` is told of the entries whose rows are in; ``only`` these are restored.

    Raises RestoreFailed, RestoreInterrupted, DiskFull, ServerUnreachable, and whatever ``source.read`` raises.
    """
    entries = [
        (section, entry)
        for section, entry in by_section(entries_of(source.header))
        if only is None or entry.dump_id in only
    ]
    header = source.header if wish.owner_of is None else with_owners(source.header, wish.owner_of)
    told = Told(telling)
    phases = _Phases(source, header, target, client, wish, application_name, run_as, told)

    def chosen(section: Section) -> list[int] | None:
        return None if only is None else [entry.dump_id for its_section, entry in entries if its_section is section]

    async with alongside(watch(target, application_name, server_major, told)):
        await phases.run("--section=pre-data", only=chosen(Section.PRE_DATA))
        if wish.parts is not Parts.SCHEMA:
            blocks = batches(source.index, readers, only)
            with_block = {block.dump_id for block in source.index.blocks}
            rest = [e for section, e in entries if section is Section.DATA and e.dump_id not in with_block]
            objects = [entry.dump_id for entry in rest if entry.desc in _BLOBS_FIRST or entry.section is Section.NONE]
            if objects:
                await phases.run("--section=data", only=objects)
            await phases.load(blocks, readers, loaded)
            # Values of sequences and the like: among the data, without a block.
            if values := [entry.dump_id for entry in rest if entry.dump_id not in objects]:
                await phases.run("--section=data", only=values)
        await phases.run("--section=post-data", only=chosen(Section.POST_DATA), jobs=readers)
    return told.warnings


def batches(index: ArchiveIndex, readers: int, only: Collection[int] | None = None) -> list[Batch]:
    """Every block once, the largest batches first. Blocks that are small beside the archive share one."""
    blocks = [block for block in index.blocks if only is None or block.dump_id in only]
    size = max(1, sum(block.length for block in blocks) // (readers * _BATCHES_PER_READER))
    found, gathered, bytes_gathered = [], [], 0
    for block in blocks:
        if block.length >= size:
            found.append(Batch((block.dump_id,), block.length))
            continue
        gathered.append(block.dump_id)
        bytes_gathered += block.length
        if bytes_gathered >= size:
            found.append(Batch(tuple(gathered), bytes_gathered))
            gathered, bytes_gathered = [], 0
    if gathered:
        found.append(Batch(tuple(gathered), bytes_gathered))
    return sorted(found, key=lambda batch: batch.bytes, reverse=True)


@dataclass
class _Phases:
    source: Source
    header: bytes
    target: Target
    client: Installation
    wish: Wish
    application_name: str
    run_as: tuple[int, int] | None
    told: Told
    bytes_read: int = 0

    async def run(self, section: str, *, only: Collection[int] | None = None, jobs: int = 1) -> None:
        """What needs no rows. The table of contents is a file, since more than one job reads it from its beginning."""
        if only is not None and not only:
            return
        files = {"header": self.header} | ({} if only is None else {"list": use_list(only)})
        arguments = [section, *([] if only is None else ["--use-list={list}"]), f"--jobs={jobs}", "{header}"]
        told = self._told()
        async with AsyncExitStack() as stack:
            child = await self._started(stack, arguments, files, told, stdin=DEVNULL)
            code = await child.wait()
        self._ended(told, code)

    async def load(self, waiting: Sequence[Batch], readers: int, loaded: Callable[[Collection[int]], object]) -> None:
        queue = iter(waiting)

        async def reader() -> None:
            for batch in queue:  # nothing is awaited between two readers' turns
                await self._load(batch)
                loaded(batch.dump_ids)

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(readers, len(waiting))):
                    tasks.create_task(reader())
        except BaseExceptionGroup as failures:
            raise _first(failures) from None

    async def _load(self, batch: Batch) -> None:
        told = self._told()
        seen = 0

        def count(read: int) -> None:
            nonlocal seen
            self.bytes_read += read - seen
            seen = read
            self.told.telling.bytes_read(self.bytes_read)

        arguments = ["--section=data", "--use-list={list}"]
        async with AsyncExitStack() as stack:
            files = {"list": use_list(batch.dump_ids)}
            child = await self._started(stack, arguments, files, told, stdin=PIPE)
            stream = self._stream(batch)
            stack.push_async_callback(stream.aclose)
            code = await feed(child, stream, told, replace(self.told.telling, bytes_read=count))
        self._ended(told, code)

    async def _stream(self, batch: Batch) -> AsyncGenerator[bytes]:
        yield self.header
        (_, first_end), *others = mini_archive_ranges(self.source.index, batch.dump_ids)
        ranges = [(self.source.index.header_length, first_end), *others]
        for start, end in ranges:
            if start < end:
                async for chunk in _closing(self.source.read(start, end)):
                    yield chunk

    async def _started(
        self, stack: AsyncExitStack, arguments: Iterable[str], files: dict[str, bytes], told: Told, *, stdin: int
    ) -> ChildProcess:
        environment = libpq_environment(self.target, application_name=self.application_name)
        environment["PGOPTIONS"] = f"{environment['PGOPTIONS']} {SESSION_OPTIONS}"
        # Sections say what is wanted, more finely than --schema-only.
        wish = replace(self.wish, parts=Parts.ALL).arguments()
        return await stack.enter_async_context(
            ChildProcess.started(
                [*self.client.command("pg_restore"), *wish, f"--dbname={KEEPALIVES}", *arguments],
                env=environment,
                secrets=libpq_secrets(self.target),
                files=files,
                stdin=stdin,
                run_as=self.run_as,
                on_stderr_line=told.take,
            )
        )

    def _told(self) -> Told:
        """One for each process: what one says must not be taken for the failure of another."""
        return Told(self.told.telling, doing=self.told.doing, warnings=self.told.warnings)

    def _ended(self, told: Told, code: int) -> None:
        self.told.doing = told.doing
        if code != 0:
            raise told.problem(code)


async def _closing(stream: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for chunk in stream:
            yield chunk
    finally:
        await stream.aclose()


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The others were cancelled because of it, or failed beside it."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
