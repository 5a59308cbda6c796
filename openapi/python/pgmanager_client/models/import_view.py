from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.encryption import Encryption
from ..models.format_ import Format
from ..models.import_state import ImportState
from ..models.source_kind import SourceKind

if TYPE_CHECKING:
    from ..models.import_view_labels import ImportViewLabels
    from ..models.problem import Problem


T = TypeVar("T", bound="ImportView")


@_attrs_define
class ImportView:
    """One import. Of the address of its source only the host is shown."""

    id: str
    project_id: str
    database_id: str
    location_id: str
    state: ImportState
    source_kind: SourceKind
    source_host: None | str
    source_location_id: None | str
    source_key: None | str
    filename: None | str
    size_bytes: int | None
    """ Of the file at its source. """
    sha256: None | str
    """ Of the file at its source: as demanded, then as read. """
    encryption: Encryption
    labels: ImportViewLabels
    logical_database: None | str
    format_: Format | None
    """ Found by the file's contents; null until it was looked at. """
    unpacked_bytes: int | None
    """ After gzip. """
    backup_id: None | str
    """ What an archive became. """
    job_id: None | str
    warnings: list[str]
    error: None | Problem
    """ A problem document, when the import failed. """
    created_by: str
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    deleted_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        database_id = self.database_id

        location_id = self.location_id

        state = self.state.value

        source_kind = self.source_kind.value

        source_host: None | str
        source_host = self.source_host

        source_location_id: None | str
        source_location_id = self.source_location_id

        source_key: None | str
        source_key = self.source_key

        filename: None | str
        filename = self.filename

        size_bytes: int | None
        size_bytes = self.size_bytes

        sha256: None | str
        sha256 = self.sha256

        encryption = self.encryption.value

        labels = self.labels.to_dict()

        logical_database: None | str
        logical_database = self.logical_database

        format_: None | str
        if isinstance(self.format_, Format):
            format_ = self.format_.value
        else:
            format_ = self.format_

        unpacked_bytes: int | None
        unpacked_bytes = self.unpacked_bytes

        backup_id: None | str
        backup_id = self.backup_id

        job_id: None | str
        job_id = self.job_id

        warnings = self.warnings

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        deleted_at: None | str
        if isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "database_id": database_id,
                "location_id": location_id,
                "state": state,
                "source_kind": source_kind,
                "source_host": source_host,
                "source_location_id": source_location_id,
                "source_key": source_key,
                "filename": filename,
                "size_bytes": size_bytes,
                "sha256": sha256,
                "encryption": encryption,
                "labels": labels,
                "logical_database": logical_database,
                "format": format_,
                "unpacked_bytes": unpacked_bytes,
                "backup_id": backup_id,
                "job_id": job_id,
                "warnings": warnings,
                "error": error,
                "created_by": created_by,
                "created_at": created_at,
                "finished_at": finished_at,
                "deleted_at": deleted_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.import_view_labels import ImportViewLabels  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        database_id = d.pop("database_id")

        location_id = d.pop("location_id")

        state = ImportState(d.pop("state"))

        source_kind = SourceKind(d.pop("source_kind"))

        def _parse_source_host(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_host = _parse_source_host(d.pop("source_host"))

        def _parse_source_location_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_location_id = _parse_source_location_id(d.pop("source_location_id"))

        def _parse_source_key(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        source_key = _parse_source_key(d.pop("source_key"))

        def _parse_filename(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        filename = _parse_filename(d.pop("filename"))

        def _parse_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes"))

        def _parse_sha256(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sha256 = _parse_sha256(d.pop("sha256"))

        encryption = Encryption(d.pop("encryption"))

        labels = ImportViewLabels.from_dict(d.pop("labels"))

        def _parse_logical_database(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        logical_database = _parse_logical_database(d.pop("logical_database"))

        def _parse_format_(data: object) -> Format | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                format_type_0 = Format(data)

                return format_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Format | None, data)

        format_ = _parse_format_(d.pop("format"))

        def _parse_unpacked_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        unpacked_bytes = _parse_unpacked_bytes(d.pop("unpacked_bytes"))

        def _parse_backup_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        backup_id = _parse_backup_id(d.pop("backup_id"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Problem.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        error = _parse_error(d.pop("error"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        def _parse_deleted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deleted_at = _parse_deleted_at(d.pop("deleted_at"))

        import_view = cls(
            id=id,
            project_id=project_id,
            database_id=database_id,
            location_id=location_id,
            state=state,
            source_kind=source_kind,
            source_host=source_host,
            source_location_id=source_location_id,
            source_key=source_key,
            filename=filename,
            size_bytes=size_bytes,
            sha256=sha256,
            encryption=encryption,
            labels=labels,
            logical_database=logical_database,
            format_=format_,
            unpacked_bytes=unpacked_bytes,
            backup_id=backup_id,
            job_id=job_id,
            warnings=warnings,
            error=error,
            created_by=created_by,
            created_at=created_at,
            finished_at=finished_at,
            deleted_at=deleted_at,
        )

        import_view.additional_properties = d
        return import_view

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
