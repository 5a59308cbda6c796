"""A database row as the provider wants it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.databases.access import password_of
from app.databases.models import Database
from app.kit.sealing import KeyRing
from app.providers.protocol import ServerSpec

USERNAME = "postgres"
DATABASE = "railway"
"""The login and the logical database of Railway's own template, so that both providers give the same variables."""


def spec_of(
    database: Database,
    key_ring: KeyRing,
    *,
    job_id: UUID | None = None,
    options: Mapping[str, Any] | None = None,
) -> ServerSpec:
    return ServerSpec(
        id=database.id,
        username=database.username or USERNAME,
        password=password_of(database, key_ring),
        database=database.default_database or DATABASE,
        major=database.wanted_major,
        data=database.provider_data,
        options=options or {},
        job_id=job_id,
    )
