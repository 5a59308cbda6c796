from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.railway_database_create_labels import RailwayDatabaseCreateLabels


T = TypeVar("T", bound="RailwayDatabaseCreate")


@_attrs_define
class RailwayDatabaseCreate:
    """A new service with a volume at Railway.

    Without a major, name, region, image or size it is Railway's own template; with any of them a service of the same
    shape.

    """

    project_id: str
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    connection_id: str
    """ The token to do it with, of the same project. """
    provider: Literal["railway"]
    environment_id: None | str | Unset = UNSET
    """ The project's `production` when not given. """
    protected: bool | Unset = False
    labels: RailwayDatabaseCreateLabels | Unset = UNSET
    railway_project_id: None | str | Unset = UNSET
    """ Of Railway. The one that the environment is linked to, or the project token's, by default. """
    railway_environment_id: None | str | Unset = UNSET
    """ The same for Railway's environment. The first database links our environment to it. """
    worker_label: None | str | Unset = UNSET
    """ Workers of this label run in Railway's environment and reach its private network. """
    public_access: bool | Unset = False
    """ Give it a public address at once; without one only what runs beside it reaches it. """
    major: int | None | Unset = UNSET
    """ PostgreSQL major; the template's by default. """
    service_name: None | str | Unset = UNSET
    """ At Railway, where it must be free. """
    region: None | str | Unset = UNSET
    """ A name of `GET /v1/railway-connections/{id}/regions`; Railway's default otherwise. """
    image: None | str | Unset = UNSET
    """ Another image than Railway's own, such as one with PostGIS. """
    volume_size_mb: int | None | Unset = UNSET
    """ It only ever grows. """
    force: bool | Unset = False
    """ Also while somebody's staged changes wait in Railway's environment; needs the scope `railway:force`. """

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        name = self.name

        connection_id = self.connection_id

        provider = self.provider

        environment_id: None | str | Unset
        if isinstance(self.environment_id, Unset):
            environment_id = UNSET
        else:
            environment_id = self.environment_id

        protected = self.protected

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        railway_project_id: None | str | Unset
        if isinstance(self.railway_project_id, Unset):
            railway_project_id = UNSET
        else:
            railway_project_id = self.railway_project_id

        railway_environment_id: None | str | Unset
        if isinstance(self.railway_environment_id, Unset):
            railway_environment_id = UNSET
        else:
            railway_environment_id = self.railway_environment_id

        worker_label: None | str | Unset
        if isinstance(self.worker_label, Unset):
            worker_label = UNSET
        else:
            worker_label = self.worker_label

        public_access = self.public_access

        major: int | None | Unset
        if isinstance(self.major, Unset):
            major = UNSET
        else:
            major = self.major

        service_name: None | str | Unset
        if isinstance(self.service_name, Unset):
            service_name = UNSET
        else:
            service_name = self.service_name

        region: None | str | Unset
        if isinstance(self.region, Unset):
            region = UNSET
        else:
            region = self.region

        image: None | str | Unset
        if isinstance(self.image, Unset):
            image = UNSET
        else:
            image = self.image

        volume_size_mb: int | None | Unset
        if isinstance(self.volume_size_mb, Unset):
            volume_size_mb = UNSET
        else:
            volume_size_mb = self.volume_size_mb

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project_id": project_id,
                "name": name,
                "connection_id": connection_id,
                "provider": provider,
            }
        )
        if environment_id is not UNSET:
            field_dict["environment_id"] = environment_id
        if protected is not UNSET:
            field_dict["protected"] = protected
        if labels is not UNSET:
            field_dict["labels"] = labels
        if railway_project_id is not UNSET:
            field_dict["railway_project_id"] = railway_project_id
        if railway_environment_id is not UNSET:
            field_dict["railway_environment_id"] = railway_environment_id
        if worker_label is not UNSET:
            field_dict["worker_label"] = worker_label
        if public_access is not UNSET:
            field_dict["public_access"] = public_access
        if major is not UNSET:
            field_dict["major"] = major
        if service_name is not UNSET:
            field_dict["service_name"] = service_name
        if region is not UNSET:
            field_dict["region"] = region
        if image is not UNSET:
            field_dict["image"] = image
        if volume_size_mb is not UNSET:
            field_dict["volume_size_mb"] = volume_size_mb
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.railway_database_create_labels import RailwayDatabaseCreateLabels  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        name = d.pop("name")

        connection_id = d.pop("connection_id")

        provider = cast(Literal["railway"], d.pop("provider"))
        if provider != "railway":
            raise ValueError(f"provider must match const 'railway', got '{provider}'")

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        protected = d.pop("protected", UNSET)

        _labels = d.pop("labels", UNSET)
        labels: RailwayDatabaseCreateLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = RailwayDatabaseCreateLabels.from_dict(_labels)

        def _parse_railway_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        railway_project_id = _parse_railway_project_id(d.pop("railway_project_id", UNSET))

        def _parse_railway_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        railway_environment_id = _parse_railway_environment_id(d.pop("railway_environment_id", UNSET))

        def _parse_worker_label(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        worker_label = _parse_worker_label(d.pop("worker_label", UNSET))

        public_access = d.pop("public_access", UNSET)

        def _parse_major(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        major = _parse_major(d.pop("major", UNSET))

        def _parse_service_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        service_name = _parse_service_name(d.pop("service_name", UNSET))

        def _parse_region(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        region = _parse_region(d.pop("region", UNSET))

        def _parse_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        image = _parse_image(d.pop("image", UNSET))

        def _parse_volume_size_mb(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        volume_size_mb = _parse_volume_size_mb(d.pop("volume_size_mb", UNSET))

        force = d.pop("force", UNSET)

        railway_database_create = cls(
            project_id=project_id,
            name=name,
            connection_id=connection_id,
            provider=provider,
            environment_id=environment_id,
            protected=protected,
            labels=labels,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            worker_label=worker_label,
            public_access=public_access,
            major=major,
            service_name=service_name,
            region=region,
            image=image,
            volume_size_mb=volume_size_mb,
            force=force,
        )

        return railway_database_create
