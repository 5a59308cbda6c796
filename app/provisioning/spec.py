"""A database row as the provider wants it."""

from app.databases.access import password_of
from app.databases.models import Database
from app.kit.sealing import KeyRing
from app.providers.protocol import ServerSpec

USERNAME = "postgres"
DATABASE = "railway"
"""The login and the logical database of Railway's own template, so that both providers give the same variables."""


def spec_of(database: Database, key_ring: KeyRing) -> ServerSpec:
    return ServerSpec(
        id=database.id,
        username=database.username or USERNAME,
        password=password_of(database, key_ring),
        database=database.default_database or DATABASE,
        major=database.wanted_major,
        data=database.provider_data,
    )
