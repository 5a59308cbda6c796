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
    from ..models.railway_service_adopt_labels import RailwayServiceAdoptLabels


T = TypeVar("T", bound="RailwayServiceAdopt")


@_attrs_define
class RailwayServiceAdopt:
    """A service at Railway that runs PostgreSQL already. It is looked at, and nothing of it is changed."""

    project_id: str
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    connection_id: str
    """ The token to do it with, of the same project. """
    provider: Literal["railway-service"]
    service_id: str
    """ An id of Railway's, as it writes it. """
    environment_id: None | str | Unset = UNSET
    """ The project's `production` when not given. """
    protected: bool | Unset = False
    labels: RailwayServiceAdoptLabels | Unset = UNSET
    railway_project_id: None | str | Unset = UNSET
    """ Of Railway. The one that the environment is linked to, or the project token's, by default. """
    railway_environment_id: None | str | Unset = UNSET
    """ The same for Railway's environment. The first database links our environment to it. """
    worker_label: None | str | Unset = UNSET
    """ Workers of this label run in Railway's environment and reach its private network. """

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        name = self.name

        connection_id = self.connection_id

        provider = self.provider

        service_id = self.service_id

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

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project_id": project_id,
                "name": name,
                "connection_id": connection_id,
                "provider": provider,
                "service_id": service_id,
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.railway_service_adopt_labels import RailwayServiceAdoptLabels  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        name = d.pop("name")

        connection_id = d.pop("connection_id")

        provider = cast(Literal["railway-service"], d.pop("provider"))
        if provider != "railway-service":
            raise ValueError(f"provider must match const 'railway-service', got '{provider}'")

        service_id = d.pop("service_id")

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        protected = d.pop("protected", UNSET)

        _labels = d.pop("labels", UNSET)
        labels: RailwayServiceAdoptLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = RailwayServiceAdoptLabels.from_dict(_labels)

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

        railway_service_adopt = cls(
            project_id=project_id,
            name=name,
            connection_id=connection_id,
            provider=provider,
            service_id=service_id,
            environment_id=environment_id,
            protected=protected,
            labels=labels,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            worker_label=worker_label,
        )

        return railway_service_adopt
