from uuid import UUID

import httpx
import pytest

from tests.databases.records import create_project


@pytest.fixture
async def project_id(client: httpx.AsyncClient, as_admin: dict[str, str]) -> UUID:
    return await create_project(client, as_admin)
