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
    from ..models.external_database_adopt_labels import ExternalDatabaseAdoptLabels


T = TypeVar("T", bound="ExternalDatabaseAdopt")


@_attrs_define
class ExternalDatabaseAdopt:
    """A server that somebody else runs. It is checked, and never altered as a server."""

    project_id: str
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    provider: Literal["external"]
    connection_string: str
    """ URI or keywords with host, port, database, user, password and sslmode; nothing else is accepted. """
    environment_id: None | str | Unset = UNSET
    """ The project's `production` when not given. """
    protected: bool | Unset = False
    labels: ExternalDatabaseAdoptLabels | Unset = UNSET
    ca_pem: None | str | Unset = UNSET
    """ Root certificate for verify-ca, verify-full. """

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        name = self.name

        provider = self.provider

        connection_string = self.connection_string

        environment_id: None | str | Unset
        if isinstance(self.environment_id, Unset):
            environment_id = UNSET
        else:
            environment_id = self.environment_id

        protected = self.protected

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        ca_pem: None | str | Unset
        if isinstance(self.ca_pem, Unset):
            ca_pem = UNSET
        else:
            ca_pem = self.ca_pem

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project_id": project_id,
                "name": name,
                "provider": provider,
                "connection_string": connection_string,
            }
        )
        if environment_id is not UNSET:
            field_dict["environment_id"] = environment_id
        if protected is not UNSET:
            field_dict["protected"] = protected
        if labels is not UNSET:
            field_dict["labels"] = labels
        if ca_pem is not UNSET:
            field_dict["ca_pem"] = ca_pem

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.external_database_adopt_labels import ExternalDatabaseAdoptLabels  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        name = d.pop("name")

        provider = cast(Literal["external"], d.pop("provider"))
        if provider != "external":
            raise ValueError(f"provider must match const 'external', got '{provider}'")

        connection_string = d.pop("connection_string")

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        protected = d.pop("protected", UNSET)

        _labels = d.pop("labels", UNSET)
        labels: ExternalDatabaseAdoptLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = ExternalDatabaseAdoptLabels.from_dict(_labels)

        def _parse_ca_pem(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ca_pem = _parse_ca_pem(d.pop("ca_pem", UNSET))

        external_database_adopt = cls(
            project_id=project_id,
            name=name,
            provider=provider,
            connection_string=connection_string,
            environment_id=environment_id,
            protected=protected,
            labels=labels,
            ca_pem=ca_pem,
        )

        return external_database_adopt
