"""Giving leases back, with what became of the jobs: moves that come at the same time are written together.

A commit waits for the disk, and commits that notify wait for each other, so one statement for ten jobs that end at once
is nearly ten times as fast as ten statements.
"""

import asyncio
import json
from collections.abc import Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from app.db.engine import Sessions
from app.db.errors import translate
from app.db.sql import named_sql, run_alone

Move = dict[str, Any]
"""A row of what release.sql takes; its json columns are text here, made by ``as_json`` or a model."""


class Releases:
    """The writer that the executions of one worker share."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._waiting: list[tuple[Move, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, move: Move, *, is_child: bool) -> bool:
        """Whether the job was moved; False when its lease is lost, or a cancel wish keeps it from such a move.

        What comes while a statement is under way goes with the next one; nobody waits for company. A child goes alone:
        it wakes its parent, whose row another worker may have locked, and the others must not wait for that.
        """
        if is_child:
            return bool(await self._statement([move]))
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((move, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_all())
        return await written

    async def close(self) -> None:
        """Ends the writer, which still writes only when those who wait for it were cancelled."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            if not await self._write(together):
                # The database refuses one of them, and the others must not suffer for it.
                for alone in together:
                    await self._write([alone])

    async def _write(self, together: Sequence[tuple[Move, asyncio.Future[bool]]]) -> bool:
        """Tells each caller what became of its move, all at once; False, and nobody is told, when one of them is at fault."""
        try:
            moved = await self._statement([move for move, _ in together])
        except Exception as error:  # noqa: BLE001 (whoever waits must hear of it)
            is_refused = isinstance(error, DBAPIError) and translate(error) is None
            if is_refused and len(together) > 1:
                return False
            for _, written in together:
                if not written.done():
                    written.set_exception(error)
            return True
        for move, written in together:
            if not written.done():
                written.set_result(move["id"] in moved)
        return True

    async def _statement(self, moves: Sequence[Move]) -> set[UUID]:
        parameters = {"moves": as_moves(moves)}
        return {row.id for row in await run_alone(self._sessions, named_sql(__package__, "release"), parameters)}


def as_moves(moves: Sequence[Move]) -> str:
    """The parameter of release.sql, in the order in which renewals take the rows, so that none waits for the other."""
    return json.dumps(sorted(moves, key=itemgetter("id")), default=str)
