from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.login_state import LoginState
from ..models.role_preset import RolePreset

T = TypeVar("T", bound="TemporaryCredentialView")


@_attrs_define
class TemporaryCredentialView:
    id: str
    database_id: str
    username: str
    state: LoginState
    preset: RolePreset
    logical_database: str
    reason: None | str
    address_note: None | str
    expires_at: datetime.datetime
    created_by: str
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    job_id: None | str
    """ The one that ends it, once there is one. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        database_id = self.database_id

        username = self.username

        state = self.state.value

        preset = self.preset.value

        logical_database = self.logical_database

        reason: None | str
        reason = self.reason

        address_note: None | str
        address_note = self.address_note

        expires_at = self.expires_at.isoformat()

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        job_id: None | str
        job_id = self.job_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "database_id": database_id,
                "username": username,
                "state": state,
                "preset": preset,
                "logical_database": logical_database,
                "reason": reason,
                "address_note": address_note,
                "expires_at": expires_at,
                "created_by": created_by,
                "created_at": created_at,
                "ended_at": ended_at,
                "job_id": job_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        database_id = d.pop("database_id")

        username = d.pop("username")

        state = LoginState(d.pop("state"))

        preset = RolePreset(d.pop("preset"))

        logical_database = d.pop("logical_database")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_address_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        address_note = _parse_address_note(d.pop("address_note"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        temporary_credential_view = cls(
            id=id,
            database_id=database_id,
            username=username,
            state=state,
            preset=preset,
            logical_database=logical_database,
            reason=reason,
            address_note=address_note,
            expires_at=expires_at,
            created_by=created_by,
            created_at=created_at,
            ended_at=ended_at,
            job_id=job_id,
        )

        temporary_credential_view.additional_properties = d
        return temporary_credential_view

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
