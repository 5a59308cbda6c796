from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.railway_plan_path import RailwayPlanPath

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate


T = TypeVar("T", bound="RailwayPlan")


@_attrs_define
class RailwayPlan:
    """What creating it makes at Railway. Ids are Railway's to give, so none is known before."""

    path: RailwayPlanPath
    """ Railway's official template, or one patch of the environment's configuration of the same shape. """
    railway_project_id: str
    """ An id of Railway's, as it writes it. """
    railway_environment_id: str
    """ An id of Railway's, as it writes it. """
    service_name: None | str
    """ Null: the template's own, with an ending when that is taken. """
    image: None | str
    """ Null: the template's own. """
    region: None | str
    """ Null: Railway's default. """
    volume_size_mb: int | None
    """ Null: what the plan gives. """
    public_access: bool
    cost: CostEstimate
    """ US dollars a month. Plans include usage and differ in discounts, so a bill may well be another. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        path = self.path.value

        railway_project_id = self.railway_project_id

        railway_environment_id = self.railway_environment_id

        service_name: None | str
        service_name = self.service_name

        image: None | str
        image = self.image

        region: None | str
        region = self.region

        volume_size_mb: int | None
        volume_size_mb = self.volume_size_mb

        public_access = self.public_access

        cost = self.cost.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "path": path,
                "railway_project_id": railway_project_id,
                "railway_environment_id": railway_environment_id,
                "service_name": service_name,
                "image": image,
                "region": region,
                "volume_size_mb": volume_size_mb,
                "public_access": public_access,
                "cost": cost,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415

        d = dict(src_dict)
        path = RailwayPlanPath(d.pop("path"))

        railway_project_id = d.pop("railway_project_id")

        railway_environment_id = d.pop("railway_environment_id")

        def _parse_service_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        service_name = _parse_service_name(d.pop("service_name"))

        def _parse_image(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        image = _parse_image(d.pop("image"))

        def _parse_region(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        region = _parse_region(d.pop("region"))

        def _parse_volume_size_mb(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        volume_size_mb = _parse_volume_size_mb(d.pop("volume_size_mb"))

        public_access = d.pop("public_access")

        cost = CostEstimate.from_dict(d.pop("cost"))

        railway_plan = cls(
            path=path,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            service_name=service_name,
            image=image,
            region=region,
            volume_size_mb=volume_size_mb,
            public_access=public_access,
            cost=cost,
        )

        railway_plan.additional_properties = d
        return railway_plan

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
