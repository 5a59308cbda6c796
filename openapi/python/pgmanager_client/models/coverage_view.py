from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.database_state import DatabaseState
from ..models.policy_state import PolicyState

if TYPE_CHECKING:
    from ..models.coverage_backup import CoverageBackup


T = TypeVar("T", bound="CoverageView")


@_attrs_define
class CoverageView:
    """How well a database is backed up."""

    database_id: str
    name: str
    project_id: str
    environment_id: str
    state: DatabaseState
    is_covered: bool
    """ Whether one of its backups of the last days was verified. """
    newest_backup: CoverageBackup | None
    """ The newest good one. """
    newest_verified: CoverageBackup | None
    policy: PolicyState
    next_run_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.coverage_backup import CoverageBackup  # noqa: PLC0415

        database_id = self.database_id

        name = self.name

        project_id = self.project_id

        environment_id = self.environment_id

        state = self.state.value

        is_covered = self.is_covered

        newest_backup: dict[str, Any] | None
        if isinstance(self.newest_backup, CoverageBackup):
            newest_backup = self.newest_backup.to_dict()
        else:
            newest_backup = self.newest_backup

        newest_verified: dict[str, Any] | None
        if isinstance(self.newest_verified, CoverageBackup):
            newest_verified = self.newest_verified.to_dict()
        else:
            newest_verified = self.newest_verified

        policy = self.policy.value

        next_run_at: None | str
        if isinstance(self.next_run_at, datetime.datetime):
            next_run_at = self.next_run_at.isoformat()
        else:
            next_run_at = self.next_run_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database_id": database_id,
                "name": name,
                "project_id": project_id,
                "environment_id": environment_id,
                "state": state,
                "is_covered": is_covered,
                "newest_backup": newest_backup,
                "newest_verified": newest_verified,
                "policy": policy,
                "next_run_at": next_run_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.coverage_backup import CoverageBackup  # noqa: PLC0415

        d = dict(src_dict)
        database_id = d.pop("database_id")

        name = d.pop("name")

        project_id = d.pop("project_id")

        environment_id = d.pop("environment_id")

        state = DatabaseState(d.pop("state"))

        is_covered = d.pop("is_covered")

        def _parse_newest_backup(data: object) -> CoverageBackup | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                newest_backup_type_0 = CoverageBackup.from_dict(data)

                return newest_backup_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CoverageBackup | None, data)

        newest_backup = _parse_newest_backup(d.pop("newest_backup"))

        def _parse_newest_verified(data: object) -> CoverageBackup | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                newest_verified_type_0 = CoverageBackup.from_dict(data)

                return newest_verified_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CoverageBackup | None, data)

        newest_verified = _parse_newest_verified(d.pop("newest_verified"))

        policy = PolicyState(d.pop("policy"))

        def _parse_next_run_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_run_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_run_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_run_at = _parse_next_run_at(d.pop("next_run_at"))

        coverage_view = cls(
            database_id=database_id,
            name=name,
            project_id=project_id,
            environment_id=environment_id,
            state=state,
            is_covered=is_covered,
            newest_backup=newest_backup,
            newest_verified=newest_verified,
            policy=policy,
            next_run_at=next_run_at,
        )

        coverage_view.additional_properties = d
        return coverage_view

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
