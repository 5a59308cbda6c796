"""Where in a location the files of imports lie, and how they are removed."""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from app.errors import Problem
from app.imports.models import Import
from app.kit.ids import encode_id
from app.storage.store import ObjectStore


def folder_of_import(row: Import) -> str:
    """Ids only, so that names can change."""
    return f"imports/{encode_id('imp', row.id)}/"


def upload_key(row: Import) -> str:
    return f"{folder_of_import(row)}upload"


def sql_key(row: Import, name: str) -> str:
    return folder_of_import(row) + name


def archive_key(row: Import, backup_id: UUID, name: str) -> str:
    """In the folder of the backup that it becomes, whose row is not there yet."""
    ids = (("prj", row.project_id), ("db", row.database_id), ("bak", backup_id))
    return "/".join(encode_id(prefix, value) for prefix, value in ids) + f"/{name}"


async def remove_all(store: ObjectStore, folder: str, *, keep: Collection[str]) -> None:
    with suppress(Problem):  # not every store lists them; those that do are also swept every hour
        for upload in [found async for found in store.uploads(folder)]:
            await store.abort(upload.key, upload.upload_id)
    for key in [found.key async for found in store.list(folder) if found.key not in keep]:
        await store.delete(key)
