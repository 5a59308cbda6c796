from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.object_count import ObjectCount


T = TypeVar("T", bound="ApplicationDeletionPlan")


@_attrs_define
class ApplicationDeletionPlan:
    objects: list[ObjectCount]
    """ What the application's roles own in its logical database. """
    sessions: int
    """ Of its logins; they are ended. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        objects = []
        for objects_item_data in self.objects:
            objects_item = objects_item_data.to_dict()
            objects.append(objects_item)

        sessions = self.sessions

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "objects": objects,
                "sessions": sessions,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.object_count import ObjectCount  # noqa: PLC0415

        d = dict(src_dict)
        objects = []
        _objects = d.pop("objects")
        for objects_item_data in _objects:
            objects_item = ObjectCount.from_dict(objects_item_data)

            objects.append(objects_item)

        sessions = d.pop("sessions")

        warnings = cast(list[str], d.pop("warnings"))

        application_deletion_plan = cls(
            objects=objects,
            sessions=sessions,
            warnings=warnings,
        )

        application_deletion_plan.additional_properties = d
        return application_deletion_plan

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
