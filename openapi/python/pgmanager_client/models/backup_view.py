from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.backup_state import BackupState
from ..models.encryption import Encryption
from ..models.origin import Origin
from ..models.verification import Verification
from ..models.verification_level import VerificationLevel

if TYPE_CHECKING:
    from ..models.backup_view_labels import BackupViewLabels
    from ..models.copy_view import CopyView
    from ..models.dump_options import DumpOptions
    from ..models.pin_view import PinView
    from ..models.problem import Problem


T = TypeVar("T", bound="BackupView")


@_attrs_define
class BackupView:
    """One dump of one logical database."""

    id: str
    set_id: str
    """ Backups taken together share it. """
    project_id: str
    database_id: str
    logical_database: str
    origin: Origin
    state: BackupState
    verification: Verification
    verification_level: None | VerificationLevel
    """ The highest level that was passed; the one that failed when `verification` is failed. """
    verified_at: datetime.datetime | None
    """ When that level was passed; null once one has failed. """
    encryption: Encryption
    options: DumpOptions
    policy_id: None | str
    """ Of scheduled ones. """
    schedule_id: None | str
    pinned: None | PinView
    job_id: None | str
    client_version: None | str
    server_version: None | str
    compression: None | str
    snapshot_at: datetime.datetime | None
    """ The moment whose data it holds. """
    size_bytes: int | None
    """ Of all its objects, as they are stored once. """
    tables: int | None
    """ Tables whose rows it holds. """
    rows: int | None
    """ Counted on the very snapshot that was dumped. """
    duration_seconds: float | None
    manifest_written_at: datetime.datetime | None
    warnings: list[str]
    error: None | Problem
    """ A problem document, when the backup failed. """
    labels: BackupViewLabels
    copies: list[CopyView]
    created_by: str
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    deleted_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.pin_view import PinView  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        set_id = self.set_id

        project_id = self.project_id

        database_id = self.database_id

        logical_database = self.logical_database

        origin = self.origin.value

        state = self.state.value

        verification = self.verification.value

        verification_level: None | str
        if isinstance(self.verification_level, VerificationLevel):
            verification_level = self.verification_level.value
        else:
            verification_level = self.verification_level

        verified_at: None | str
        if isinstance(self.verified_at, datetime.datetime):
            verified_at = self.verified_at.isoformat()
        else:
            verified_at = self.verified_at

        encryption = self.encryption.value

        options = self.options.to_dict()

        policy_id: None | str
        policy_id = self.policy_id

        schedule_id: None | str
        schedule_id = self.schedule_id

        pinned: dict[str, Any] | None
        if isinstance(self.pinned, PinView):
            pinned = self.pinned.to_dict()
        else:
            pinned = self.pinned

        job_id: None | str
        job_id = self.job_id

        client_version: None | str
        client_version = self.client_version

        server_version: None | str
        server_version = self.server_version

        compression: None | str
        compression = self.compression

        snapshot_at: None | str
        if isinstance(self.snapshot_at, datetime.datetime):
            snapshot_at = self.snapshot_at.isoformat()
        else:
            snapshot_at = self.snapshot_at

        size_bytes: int | None
        size_bytes = self.size_bytes

        tables: int | None
        tables = self.tables

        rows: int | None
        rows = self.rows

        duration_seconds: float | None
        duration_seconds = self.duration_seconds

        manifest_written_at: None | str
        if isinstance(self.manifest_written_at, datetime.datetime):
            manifest_written_at = self.manifest_written_at.isoformat()
        else:
            manifest_written_at = self.manifest_written_at

        warnings = self.warnings

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        labels = self.labels.to_dict()

        copies = []
        for copies_item_data in self.copies:
            copies_item = copies_item_data.to_dict()
            copies.append(copies_item)

        created_by = self.created_by

        created_at = self.created_at.isoformat()

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
                "set_id": set_id,
                "project_id": project_id,
                "database_id": database_id,
                "logical_database": logical_database,
                "origin": origin,
                "state": state,
                "verification": verification,
                "verification_level": verification_level,
                "verified_at": verified_at,
                "encryption": encryption,
                "options": options,
                "policy_id": policy_id,
                "schedule_id": schedule_id,
                "pinned": pinned,
                "job_id": job_id,
                "client_version": client_version,
                "server_version": server_version,
                "compression": compression,
                "snapshot_at": snapshot_at,
                "size_bytes": size_bytes,
                "tables": tables,
                "rows": rows,
                "duration_seconds": duration_seconds,
                "manifest_written_at": manifest_written_at,
                "warnings": warnings,
                "error": error,
                "labels": labels,
                "copies": copies,
                "created_by": created_by,
                "created_at": created_at,
                "expires_at": expires_at,
                "deleted_at": deleted_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_view_labels import BackupViewLabels  # noqa: PLC0415
        from ..models.copy_view import CopyView  # noqa: PLC0415
        from ..models.dump_options import DumpOptions  # noqa: PLC0415
        from ..models.pin_view import PinView  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        set_id = d.pop("set_id")

        project_id = d.pop("project_id")

        database_id = d.pop("database_id")

        logical_database = d.pop("logical_database")

        origin = Origin(d.pop("origin"))

        state = BackupState(d.pop("state"))

        verification = Verification(d.pop("verification"))

        def _parse_verification_level(data: object) -> None | VerificationLevel:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verification_level_type_0 = VerificationLevel(data)

                return verification_level_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | VerificationLevel, data)

        verification_level = _parse_verification_level(d.pop("verification_level"))

        def _parse_verified_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verified_at_type_0 = datetime.datetime.fromisoformat(data)

                return verified_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        verified_at = _parse_verified_at(d.pop("verified_at"))

        encryption = Encryption(d.pop("encryption"))

        options = DumpOptions.from_dict(d.pop("options"))

        def _parse_policy_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        policy_id = _parse_policy_id(d.pop("policy_id"))

        def _parse_schedule_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        schedule_id = _parse_schedule_id(d.pop("schedule_id"))

        def _parse_pinned(data: object) -> None | PinView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pinned_type_0 = PinView.from_dict(data)

                return pinned_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PinView, data)

        pinned = _parse_pinned(d.pop("pinned"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        def _parse_client_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        client_version = _parse_client_version(d.pop("client_version"))

        def _parse_server_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        server_version = _parse_server_version(d.pop("server_version"))

        def _parse_compression(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        compression = _parse_compression(d.pop("compression"))

        def _parse_snapshot_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                snapshot_at_type_0 = datetime.datetime.fromisoformat(data)

                return snapshot_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        snapshot_at = _parse_snapshot_at(d.pop("snapshot_at"))

        def _parse_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes"))

        def _parse_tables(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tables = _parse_tables(d.pop("tables"))

        def _parse_rows(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        rows = _parse_rows(d.pop("rows"))

        def _parse_duration_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_seconds = _parse_duration_seconds(d.pop("duration_seconds"))

        def _parse_manifest_written_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                manifest_written_at_type_0 = datetime.datetime.fromisoformat(data)

                return manifest_written_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        manifest_written_at = _parse_manifest_written_at(d.pop("manifest_written_at"))

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

        labels = BackupViewLabels.from_dict(d.pop("labels"))

        copies = []
        _copies = d.pop("copies")
        for copies_item_data in _copies:
            copies_item = CopyView.from_dict(copies_item_data)

            copies.append(copies_item)

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        backup_view = cls(
            id=id,
            set_id=set_id,
            project_id=project_id,
            database_id=database_id,
            logical_database=logical_database,
            origin=origin,
            state=state,
            verification=verification,
            verification_level=verification_level,
            verified_at=verified_at,
            encryption=encryption,
            options=options,
            policy_id=policy_id,
            schedule_id=schedule_id,
            pinned=pinned,
            job_id=job_id,
            client_version=client_version,
            server_version=server_version,
            compression=compression,
            snapshot_at=snapshot_at,
            size_bytes=size_bytes,
            tables=tables,
            rows=rows,
            duration_seconds=duration_seconds,
            manifest_written_at=manifest_written_at,
            warnings=warnings,
            error=error,
            labels=labels,
            copies=copies,
            created_by=created_by,
            created_at=created_at,
            expires_at=expires_at,
            deleted_at=deleted_at,
        )

        backup_view.additional_properties = d
        return backup_view

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
