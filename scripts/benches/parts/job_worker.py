"""One queue's worker as a process of its own: ``job_worker.py QUEUE [JOBS]``; the file named by URL_FILE says where.

Without JOBS it waits for jobs and writes the moment each handler starts, by the clock that all processes share. With
JOBS it drains so many and writes the seconds that took and those of processor time.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

import uvloop
from parts.job_queues import QUEUES


async def main() -> None:
    queue = QUEUES[sys.argv[1]]
    url = await asyncio.to_thread(Path(os.environ["URL_FILE"]).read_text)
    if len(sys.argv) == 2:  # noqa: PLR2004 (no JOBS)
        await queue.work(url, lambda: _say(time.monotonic_ns()))
        return
    began, began_cpu = time.monotonic(), time.process_time()
    await queue.drain(url, int(sys.argv[2]))
    _say(time.monotonic() - began, time.process_time() - began_cpu)


def _say(*words: float) -> None:
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


if __name__ == "__main__":
    uvloop.run(main())
