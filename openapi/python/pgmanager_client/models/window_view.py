from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WindowView")


@_attrs_define
class WindowView:
    """Public access that ends by itself."""

    close_at: datetime.datetime
    closes_access: bool
    """ False: the server was public before, and stays so. """
    reason: None | str
    created_by: str
    job_id: str
    credential_id: None | str
    """ The temporary credential that was made for it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        close_at = self.close_at.isoformat()

        closes_access = self.closes_access

        reason: None | str
        reason = self.reason

        created_by = self.created_by

        job_id = self.job_id

        credential_id: None | str
        credential_id = self.credential_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "close_at": close_at,
                "closes_access": closes_access,
                "reason": reason,
                "created_by": created_by,
                "job_id": job_id,
                "credential_id": credential_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        close_at = datetime.datetime.fromisoformat(d.pop("close_at"))

        closes_access = d.pop("closes_access")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        created_by = d.pop("created_by")

        job_id = d.pop("job_id")

        def _parse_credential_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        credential_id = _parse_credential_id(d.pop("credential_id"))

        window_view = cls(
            close_at=close_at,
            closes_access=closes_access,
            reason=reason,
            created_by=created_by,
            job_id=job_id,
            credential_id=credential_id,
        )

        window_view.additional_properties = d
        return window_view

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
