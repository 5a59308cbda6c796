from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RailwayPlaceView")


@_attrs_define
class RailwayPlaceView:
    """Where on Railway a database is, as it was seen last. Ids are Railway's, but for that of the connection."""

    connection_id: str
    project_id: str
    """ An id of Railway's, as it writes it. """
    environment_id: str
    """ An id of Railway's, as it writes it. """
    service_id: None | str
    """ Null until the service is made. """
    service_name: None | str
    volume_id: None | str
    region: None | str
    image: None | str
    public_host: None | str
    """ Null while public access is off. """
    public_port: int | None
    private_host: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        connection_id = self.connection_id

        project_id = self.project_id

        environment_id = self.environment_id

        service_id: None | str
        service_id = self.service_id

        service_name: None | str
        service_name = self.service_name

        volume_id: None | str
        volume_id = self.volume_id

        region: None | str
        region = self.region

        image: None | str
        image = self.image

        public_host: None | str
        public_host = self.public_host

        public_port: int | None
        public_port = self.public_port

        private_host: None | str
        private_host = self.private_host

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "connection_id": connection_id,
                "project_id": project_id,
                "environment_id": environment_id,
                "service_id": service_id,
                "service_name": service_name,
                "volume_id": volume_id,
                "region": region,
                "image": image,
                "public_host": public_host,
                "public_port": public_port,
                "private_host": private_host,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        connection_id = d.pop("connection_id")

        project_id = d.pop("project_id")

        environment_id = d.pop("environment_id")

        def _parse_service_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        service_id = _parse_service_id(d.pop("service_id"))

        def _parse_service_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        service_name = _parse_service_name(d.pop("service_name"))

        def _parse_volume_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        volume_id = _parse_volume_id(d.pop("volume_id"))

        def _parse_region(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        region = _parse_region(d.pop("region"))

        def _parse_image(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        image = _parse_image(d.pop("image"))

        def _parse_public_host(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        public_host = _parse_public_host(d.pop("public_host"))

        def _parse_public_port(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        public_port = _parse_public_port(d.pop("public_port"))

        def _parse_private_host(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        private_host = _parse_private_host(d.pop("private_host"))

        railway_place_view = cls(
            connection_id=connection_id,
            project_id=project_id,
            environment_id=environment_id,
            service_id=service_id,
            service_name=service_name,
            volume_id=volume_id,
            region=region,
            image=image,
            public_host=public_host,
            public_port=public_port,
            private_host=private_host,
        )

        railway_place_view.additional_properties = d
        return railway_place_view

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
