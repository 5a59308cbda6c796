from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cluster_view import ClusterView
    from ..models.volume_view import VolumeView


T = TypeVar("T", bound="RailwayServiceView")


@_attrs_define
class RailwayServiceView:
    """A service that runs PostgreSQL, by its image."""

    service_id: str
    """ An id of Railway's, as it writes it. """
    service_name: str
    image: str
    official: bool
    """ An image of Railway's own. """
    major: int | None
    """ Null where the image's tag does not say. """
    region: None | str
    deployment_status: None | str
    volume: None | VolumeView
    pitr: None | str
    """ Railway's own point-in-time recovery: off, unwired or on. """
    cluster: ClusterView | None
    pooler_service_id: None | str
    """ A PgBouncer in front of it. """
    adopted: bool
    """ Managed here already, perhaps in a project that your key does not cover. """
    database_id: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cluster_view import ClusterView  # noqa: PLC0415
        from ..models.volume_view import VolumeView  # noqa: PLC0415

        service_id = self.service_id

        service_name = self.service_name

        image = self.image

        official = self.official

        major: int | None
        major = self.major

        region: None | str
        region = self.region

        deployment_status: None | str
        deployment_status = self.deployment_status

        volume: dict[str, Any] | None
        if isinstance(self.volume, VolumeView):
            volume = self.volume.to_dict()
        else:
            volume = self.volume

        pitr: None | str
        pitr = self.pitr

        cluster: dict[str, Any] | None
        if isinstance(self.cluster, ClusterView):
            cluster = self.cluster.to_dict()
        else:
            cluster = self.cluster

        pooler_service_id: None | str
        pooler_service_id = self.pooler_service_id

        adopted = self.adopted

        database_id: None | str
        database_id = self.database_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "service_id": service_id,
                "service_name": service_name,
                "image": image,
                "official": official,
                "major": major,
                "region": region,
                "deployment_status": deployment_status,
                "volume": volume,
                "pitr": pitr,
                "cluster": cluster,
                "pooler_service_id": pooler_service_id,
                "adopted": adopted,
                "database_id": database_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cluster_view import ClusterView  # noqa: PLC0415
        from ..models.volume_view import VolumeView  # noqa: PLC0415

        d = dict(src_dict)
        service_id = d.pop("service_id")

        service_name = d.pop("service_name")

        image = d.pop("image")

        official = d.pop("official")

        def _parse_major(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        major = _parse_major(d.pop("major"))

        def _parse_region(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        region = _parse_region(d.pop("region"))

        def _parse_deployment_status(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        deployment_status = _parse_deployment_status(d.pop("deployment_status"))

        def _parse_volume(data: object) -> None | VolumeView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                volume_type_0 = VolumeView.from_dict(data)

                return volume_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | VolumeView, data)

        volume = _parse_volume(d.pop("volume"))

        def _parse_pitr(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pitr = _parse_pitr(d.pop("pitr"))

        def _parse_cluster(data: object) -> ClusterView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cluster_type_0 = ClusterView.from_dict(data)

                return cluster_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClusterView | None, data)

        cluster = _parse_cluster(d.pop("cluster"))

        def _parse_pooler_service_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pooler_service_id = _parse_pooler_service_id(d.pop("pooler_service_id"))

        adopted = d.pop("adopted")

        def _parse_database_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        database_id = _parse_database_id(d.pop("database_id"))

        railway_service_view = cls(
            service_id=service_id,
            service_name=service_name,
            image=image,
            official=official,
            major=major,
            region=region,
            deployment_status=deployment_status,
            volume=volume,
            pitr=pitr,
            cluster=cluster,
            pooler_service_id=pooler_service_id,
            adopted=adopted,
            database_id=database_id,
        )

        railway_service_view.additional_properties = d
        return railway_service_view

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
