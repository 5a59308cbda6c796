"""What is told of a restore: beforehand as a plan, afterwards as a report."""

from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from app.auth.schemas import View
from app.errors import ProblemDocument
from app.kit.ids import DatabaseId
from app.restores.models import OwnerMode


class CountView(View):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    schema_name: str = Field(alias="schema")
    name: str
    expected: int | None = Field(
        description="Counted on the snapshot that was dumped; null when rows were not restored."
    )
    found: int | None = Field(description="Null where it is missing.")
    equal: bool


class LargeObjectsView(View):
    expected: int
    found: int
    equal: bool


class Method(StrEnum):
    STREAM = "stream"  # all of the archive, through one pg_restore
    RANGES = "ranges"  # the parts of it that are wanted


class ReadingView(View):
    method: Method
    readers: int = Field(description="How many parts are read at once.")
    bytes_needed: int = Field(description="Of the archive: its table of contents, and the rows that are wanted.")


class RelationView(View):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    schema_name: str = Field(alias="schema")
    name: str


class ObjectView(View):
    """Something in the archive. ``kind`` is what pg_dump calls it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    kind: str
    schema_name: str | None = Field(alias="schema")
    name: str


class LeftOutView(ObjectView):
    needs: list[ObjectView] = Field(description="The relations that it needs and that were not selected.")


class SelectionView(View):
    """What comes with selected tables, by the dependencies that the archive holds."""

    tables: list[RelationView] = Field(description="With the partitions of those that were named.")
    sequences: list[RelationView]
    needed: list[ObjectView] = Field(description="Taken along: without these the tables cannot be made.")
    left_out: list[LeftOutView]


class RestoreReport(View):
    """The restored database against the manifest, counted exactly."""

    equal: bool
    rows: int
    size_bytes: int | None = Field(
        description="What the restored database takes on its server's disk; of rows alone nobody knows."
    )
    tables: list[CountView]
    sequences: list[CountView]
    large_objects: LargeObjectsView | None
    not_compared: list[str] = Field(description="Materialised views, which are filled anew, and foreign tables.")
    roles_created: list[str]
    duration_seconds: float = Field(description="Of loading the archive.")
    method: Method | None = None
    readers: int = Field(default=1, description="How many tables were loaded at once.")
    bytes_needed: int | None = Field(default=None, description="As in the plan.")
    bytes_read: int | None = Field(default=None, description="Of the stored object, encryption included.")
    selection: SelectionView | None = Field(default=None, description="Of selected tables.")
    warnings: list[str]


class RoleView(View):
    name: str
    fate: Literal["present", "created", "mapped", "stripped"]
    to: str | None = Field(description="The role that it is mapped to.")


class ExtensionView(View):
    name: str
    version: str = Field(description="When it was backed up.")
    offered: str | None = Field(description="What the target server would create; null when it cannot.")
    installed: str | None = Field(description="In the target's logical database, where that exists already.")


class PlannedTable(RelationView):
    rows: int
    bytes: int = Field(description="In the archive.")


class RestorePlanView(View):
    """What a restore would do, found out without changing anything."""

    possible: bool
    obstacles: list[ProblemDocument] = Field(
        description="What stands against it on the target server, or in the store."
    )
    database_id: DatabaseId
    logical_database: str
    into_schema: str | None
    archive_client_major: int
    target_major: int | None = Field(description="Null while nobody has been in the target server.")
    reading: ReadingView
    tables: list[PlannedTable]
    rows: int
    selection: SelectionView | None
    owner_mode: OwnerMode
    roles: list[RoleView]
    extensions: list[ExtensionView]
    needed_bytes: int | None = Field(
        description="On the target's disk, by the size of the database that was backed up."
    )
    free_bytes: int | None = Field(description="Null where nobody tells.")
    remarks: list[str]
