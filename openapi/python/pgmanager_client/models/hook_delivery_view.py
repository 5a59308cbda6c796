from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="HookDeliveryView")


@_attrs_define
class HookDeliveryView:
    """A message that proved to be the sender's, remembered for a week."""

    delivery: str
    """ The sender's id for it, or a digest of what it sent. """
    event: str
    job_id: None | str
    reason: None | str
    """ Why there is no job. """
    received_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        delivery = self.delivery

        event = self.event

        job_id: None | str
        job_id = self.job_id

        reason: None | str
        reason = self.reason

        received_at = self.received_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "delivery": delivery,
                "event": event,
                "job_id": job_id,
                "reason": reason,
                "received_at": received_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        delivery = d.pop("delivery")

        event = d.pop("event")

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        hook_delivery_view = cls(
            delivery=delivery,
            event=event,
            job_id=job_id,
            reason=reason,
            received_at=received_at,
        )

        hook_delivery_view.additional_properties = d
        return hook_delivery_view

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
