from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.origin import Origin
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.archive_compression import ArchiveCompression
    from ..models.constraints import Constraints
    from ..models.database_facts import DatabaseFacts
    from ..models.dump_options import DumpOptions
    from ..models.extension import Extension
    from ..models.fingerprints import Fingerprints
    from ..models.manifest_archive import ManifestArchive
    from ..models.manifest_labels import ManifestLabels
    from ..models.relation_name import RelationName
    from ..models.sequence_value import SequenceValue
    from ..models.snapshot import Snapshot
    from ..models.stored_object import StoredObject
    from ..models.table_rows import TableRows
    from ..models.tool_versions import ToolVersions


T = TypeVar("T", bound="Manifest")


@_attrs_define
class Manifest:
    backup_id: str
    set_id: str
    project_id: str
    database_id: str
    database_name: str
    origin: Origin
    labels: ManifestLabels
    created_at: datetime.datetime
    versions: ToolVersions
    """ ``manager`` is this service; ``client`` the pg_dump that wrote the archive. """
    database: DatabaseFacts
    """ What belongs to the database itself, and is lost by a restore that does not create it. ACLs are as in
    pg_database. """
    extensions: list[Extension]
    roles: list[str]
    snapshot: Snapshot
    options: DumpOptions
    recipients: list[str]
    compression: ArchiveCompression
    archive: ManifestArchive
    tables: list[TableRows]
    sequences: list[SequenceValue]
    large_objects: int | None
    materialized_views: list[RelationName]
    foreign_tables: list[RelationName]
    objects: list[StoredObject]
    warnings: list[str]
    format_: int | Unset = 1
    policy_id: None | str | Unset = UNSET
    schedule_id: None | str | Unset = UNSET
    counted: bool | Unset = True
    database_bytes: int | None | Unset = UNSET
    constraints: Constraints | None | Unset = UNSET
    fingerprints: Fingerprints | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.constraints import Constraints  # noqa: PLC0415
        from ..models.fingerprints import Fingerprints  # noqa: PLC0415

        backup_id = self.backup_id

        set_id = self.set_id

        project_id = self.project_id

        database_id = self.database_id

        database_name = self.database_name

        origin = self.origin.value

        labels = self.labels.to_dict()

        created_at = self.created_at.isoformat()

        versions = self.versions.to_dict()

        database = self.database.to_dict()

        extensions = []
        for extensions_item_data in self.extensions:
            extensions_item = extensions_item_data.to_dict()
            extensions.append(extensions_item)

        roles = self.roles

        snapshot = self.snapshot.to_dict()

        options = self.options.to_dict()

        recipients = self.recipients

        compression = self.compression.to_dict()

        archive = self.archive.to_dict()

        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        sequences = []
        for sequences_item_data in self.sequences:
            sequences_item = sequences_item_data.to_dict()
            sequences.append(sequences_item)

        large_objects: int | None
        large_objects = self.large_objects

        materialized_views = []
        for materialized_views_item_data in self.materialized_views:
            materialized_views_item = materialized_views_item_data.to_dict()
            materialized_views.append(materialized_views_item)

        foreign_tables = []
        for foreign_tables_item_data in self.foreign_tables:
            foreign_tables_item = foreign_tables_item_data.to_dict()
            foreign_tables.append(foreign_tables_item)

        objects = []
        for objects_item_data in self.objects:
            objects_item = objects_item_data.to_dict()
            objects.append(objects_item)

        warnings = self.warnings

        format_ = self.format_

        policy_id: None | str | Unset
        if isinstance(self.policy_id, Unset):
            policy_id = UNSET
        else:
            policy_id = self.policy_id

        schedule_id: None | str | Unset
        if isinstance(self.schedule_id, Unset):
            schedule_id = UNSET
        else:
            schedule_id = self.schedule_id

        counted = self.counted

        database_bytes: int | None | Unset
        if isinstance(self.database_bytes, Unset):
            database_bytes = UNSET
        else:
            database_bytes = self.database_bytes

        constraints: dict[str, Any] | None | Unset
        if isinstance(self.constraints, Unset):
            constraints = UNSET
        elif isinstance(self.constraints, Constraints):
            constraints = self.constraints.to_dict()
        else:
            constraints = self.constraints

        fingerprints: dict[str, Any] | None | Unset
        if isinstance(self.fingerprints, Unset):
            fingerprints = UNSET
        elif isinstance(self.fingerprints, Fingerprints):
            fingerprints = self.fingerprints.to_dict()
        else:
            fingerprints = self.fingerprints

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "backup_id": backup_id,
                "set_id": set_id,
                "project_id": project_id,
                "database_id": database_id,
                "database_name": database_name,
                "origin": origin,
                "labels": labels,
                "created_at": created_at,
                "versions": versions,
                "database": database,
                "extensions": extensions,
                "roles": roles,
                "snapshot": snapshot,
                "options": options,
                "recipients": recipients,
                "compression": compression,
                "archive": archive,
                "tables": tables,
                "sequences": sequences,
                "large_objects": large_objects,
                "materialized_views": materialized_views,
                "foreign_tables": foreign_tables,
                "objects": objects,
                "warnings": warnings,
            }
        )
        if format_ is not UNSET:
            field_dict["format"] = format_
        if policy_id is not UNSET:
            field_dict["policy_id"] = policy_id
        if schedule_id is not UNSET:
            field_dict["schedule_id"] = schedule_id
        if counted is not UNSET:
            field_dict["counted"] = counted
        if database_bytes is not UNSET:
            field_dict["database_bytes"] = database_bytes
        if constraints is not UNSET:
            field_dict["constraints"] = constraints
        if fingerprints is not UNSET:
            field_dict["fingerprints"] = fingerprints

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.archive_compression import ArchiveCompression  # noqa: PLC0415
        from ..models.constraints import Constraints  # noqa: PLC0415
        from ..models.database_facts import DatabaseFacts  # noqa: PLC0415
        from ..models.dump_options import DumpOptions  # noqa: PLC0415
        from ..models.extension import Extension  # noqa: PLC0415
        from ..models.fingerprints import Fingerprints  # noqa: PLC0415
        from ..models.manifest_archive import ManifestArchive  # noqa: PLC0415
        from ..models.manifest_labels import ManifestLabels  # noqa: PLC0415
        from ..models.relation_name import RelationName  # noqa: PLC0415
        from ..models.sequence_value import SequenceValue  # noqa: PLC0415
        from ..models.snapshot import Snapshot  # noqa: PLC0415
        from ..models.stored_object import StoredObject  # noqa: PLC0415
        from ..models.table_rows import TableRows  # noqa: PLC0415
        from ..models.tool_versions import ToolVersions  # noqa: PLC0415

        d = dict(src_dict)
        backup_id = d.pop("backup_id")

        set_id = d.pop("set_id")

        project_id = d.pop("project_id")

        database_id = d.pop("database_id")

        database_name = d.pop("database_name")

        origin = Origin(d.pop("origin"))

        labels = ManifestLabels.from_dict(d.pop("labels"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        versions = ToolVersions.from_dict(d.pop("versions"))

        database = DatabaseFacts.from_dict(d.pop("database"))

        extensions = []
        _extensions = d.pop("extensions")
        for extensions_item_data in _extensions:
            extensions_item = Extension.from_dict(extensions_item_data)

            extensions.append(extensions_item)

        roles = cast(list[str], d.pop("roles"))

        snapshot = Snapshot.from_dict(d.pop("snapshot"))

        options = DumpOptions.from_dict(d.pop("options"))

        recipients = cast(list[str], d.pop("recipients"))

        compression = ArchiveCompression.from_dict(d.pop("compression"))

        archive = ManifestArchive.from_dict(d.pop("archive"))

        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = TableRows.from_dict(tables_item_data)

            tables.append(tables_item)

        sequences = []
        _sequences = d.pop("sequences")
        for sequences_item_data in _sequences:
            sequences_item = SequenceValue.from_dict(sequences_item_data)

            sequences.append(sequences_item)

        def _parse_large_objects(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        large_objects = _parse_large_objects(d.pop("large_objects"))

        materialized_views = []
        _materialized_views = d.pop("materialized_views")
        for materialized_views_item_data in _materialized_views:
            materialized_views_item = RelationName.from_dict(materialized_views_item_data)

            materialized_views.append(materialized_views_item)

        foreign_tables = []
        _foreign_tables = d.pop("foreign_tables")
        for foreign_tables_item_data in _foreign_tables:
            foreign_tables_item = RelationName.from_dict(foreign_tables_item_data)

            foreign_tables.append(foreign_tables_item)

        objects = []
        _objects = d.pop("objects")
        for objects_item_data in _objects:
            objects_item = StoredObject.from_dict(objects_item_data)

            objects.append(objects_item)

        warnings = cast(list[str], d.pop("warnings"))

        format_ = d.pop("format", UNSET)

        def _parse_policy_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        policy_id = _parse_policy_id(d.pop("policy_id", UNSET))

        def _parse_schedule_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        schedule_id = _parse_schedule_id(d.pop("schedule_id", UNSET))

        counted = d.pop("counted", UNSET)

        def _parse_database_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        database_bytes = _parse_database_bytes(d.pop("database_bytes", UNSET))

        def _parse_constraints(data: object) -> Constraints | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                constraints_type_0 = Constraints.from_dict(data)

                return constraints_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Constraints | None | Unset, data)

        constraints = _parse_constraints(d.pop("constraints", UNSET))

        def _parse_fingerprints(data: object) -> Fingerprints | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                fingerprints_type_0 = Fingerprints.from_dict(data)

                return fingerprints_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Fingerprints | None | Unset, data)

        fingerprints = _parse_fingerprints(d.pop("fingerprints", UNSET))

        manifest = cls(
            backup_id=backup_id,
            set_id=set_id,
            project_id=project_id,
            database_id=database_id,
            database_name=database_name,
            origin=origin,
            labels=labels,
            created_at=created_at,
            versions=versions,
            database=database,
            extensions=extensions,
            roles=roles,
            snapshot=snapshot,
            options=options,
            recipients=recipients,
            compression=compression,
            archive=archive,
            tables=tables,
            sequences=sequences,
            large_objects=large_objects,
            materialized_views=materialized_views,
            foreign_tables=foreign_tables,
            objects=objects,
            warnings=warnings,
            format_=format_,
            policy_id=policy_id,
            schedule_id=schedule_id,
            counted=counted,
            database_bytes=database_bytes,
            constraints=constraints,
            fingerprints=fingerprints,
        )

        manifest.additional_properties = d
        return manifest

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
