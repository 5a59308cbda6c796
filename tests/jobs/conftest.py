from collections.abc import AsyncIterator

import pytest

from tests.jobs.harness import Jobs, jobs_in


@pytest.fixture
async def jobs(database_url: str) -> AsyncIterator[Jobs]:
    async with jobs_in(database_url) as jobs:
        yield jobs
