from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.consumer_move import ConsumerMove
    from ..models.object_count import ObjectCount


T = TypeVar("T", bound="HardenPlan")


@_attrs_define
class HardenPlan:
    owner_role: str
    logins: list[str]
    objects: list[ObjectCount]
    """ What is handed over to the owner. """
    statements: list[str]
    """ In their order; `***` stands for what is made of a password. Empty without `dry_run=true`. """
    consumers: list[ConsumerMove]
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        owner_role = self.owner_role

        logins = self.logins

        objects = []
        for objects_item_data in self.objects:
            objects_item = objects_item_data.to_dict()
            objects.append(objects_item)

        statements = self.statements

        consumers = []
        for consumers_item_data in self.consumers:
            consumers_item = consumers_item_data.to_dict()
            consumers.append(consumers_item)

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "owner_role": owner_role,
                "logins": logins,
                "objects": objects,
                "statements": statements,
                "consumers": consumers,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.consumer_move import ConsumerMove  # noqa: PLC0415
        from ..models.object_count import ObjectCount  # noqa: PLC0415

        d = dict(src_dict)
        owner_role = d.pop("owner_role")

        logins = cast(list[str], d.pop("logins"))

        objects = []
        _objects = d.pop("objects")
        for objects_item_data in _objects:
            objects_item = ObjectCount.from_dict(objects_item_data)

            objects.append(objects_item)

        statements = cast(list[str], d.pop("statements"))

        consumers = []
        _consumers = d.pop("consumers")
        for consumers_item_data in _consumers:
            consumers_item = ConsumerMove.from_dict(consumers_item_data)

            consumers.append(consumers_item)

        warnings = cast(list[str], d.pop("warnings"))

        harden_plan = cls(
            owner_role=owner_role,
            logins=logins,
            objects=objects,
            statements=statements,
            consumers=consumers,
            warnings=warnings,
        )

        harden_plan.additional_properties = d
        return harden_plan

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
