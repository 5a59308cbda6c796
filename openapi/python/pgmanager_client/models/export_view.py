from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.encryption import Encryption
from ..models.export_state import ExportState

if TYPE_CHECKING:
    from ..models.export_options import ExportOptions
    from ..models.problem import Problem


T = TypeVar("T", bound="ExportView")


@_attrs_define
class ExportView:
    """A backup written as a file for other programs."""

    id: str
    project_id: str
    backup_id: str
    state: ExportState
    options: ExportOptions
    """ What of the backup is written, and how. """
    encryption: Encryption
    recipients: list[str]
    """ The public halves of the age identities that open it. """
    location_id: None | str
    size_bytes: int | None
    sha256: None | str
    """ Of the file, hexadecimal. """
    plain_size_bytes: int | None
    """ Of the SQL, before it was compressed and encrypted. """
    warnings: list[str]
    error: None | Problem
    """ A problem document, when the export failed. """
    job_id: None | str
    created_by: str
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    expires_at: datetime.datetime | None
    """ When it is deleted by itself. """
    deleted_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        backup_id = self.backup_id

        state = self.state.value

        options = self.options.to_dict()

        encryption = self.encryption.value

        recipients = self.recipients

        location_id: None | str
        location_id = self.location_id

        size_bytes: int | None
        size_bytes = self.size_bytes

        sha256: None | str
        sha256 = self.sha256

        plain_size_bytes: int | None
        plain_size_bytes = self.plain_size_bytes

        warnings = self.warnings

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        job_id: None | str
        job_id = self.job_id

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

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
                "backup_id": backup_id,
                "state": state,
                "options": options,
                "encryption": encryption,
                "recipients": recipients,
                "location_id": location_id,
                "size_bytes": size_bytes,
                "sha256": sha256,
                "plain_size_bytes": plain_size_bytes,
                "warnings": warnings,
                "error": error,
                "job_id": job_id,
                "created_by": created_by,
                "created_at": created_at,
                "finished_at": finished_at,
                "expires_at": expires_at,
                "deleted_at": deleted_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.export_options import ExportOptions  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        backup_id = d.pop("backup_id")

        state = ExportState(d.pop("state"))

        options = ExportOptions.from_dict(d.pop("options"))

        encryption = Encryption(d.pop("encryption"))

        recipients = cast(list[str], d.pop("recipients"))

        def _parse_location_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        location_id = _parse_location_id(d.pop("location_id"))

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

        def _parse_plain_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        plain_size_bytes = _parse_plain_size_bytes(d.pop("plain_size_bytes"))

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

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

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

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

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

        export_view = cls(
            id=id,
            project_id=project_id,
            backup_id=backup_id,
            state=state,
            options=options,
            encryption=encryption,
            recipients=recipients,
            location_id=location_id,
            size_bytes=size_bytes,
            sha256=sha256,
            plain_size_bytes=plain_size_bytes,
            warnings=warnings,
            error=error,
            job_id=job_id,
            created_by=created_by,
            created_at=created_at,
            finished_at=finished_at,
            expires_at=expires_at,
            deleted_at=deleted_at,
        )

        export_view.additional_properties = d
        return export_view

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
