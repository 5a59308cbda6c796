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
    from ..models.local_database_create_labels import LocalDatabaseCreateLabels


T = TypeVar("T", bound="LocalDatabaseCreate")


@_attrs_define
class LocalDatabaseCreate:
    """A new server on the machine of this service."""

    project_id: str
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    provider: Literal["local"]
    environment_id: None | str | Unset = UNSET
    """ The project's `production` when not given. """
    protected: bool | Unset = False
    labels: LocalDatabaseCreateLabels | Unset = UNSET
    major: int | None | Unset = UNSET
    """ PostgreSQL major; the best one here by default. """

    def to_dict(self) -> dict[str, Any]:
        project_id = self.project_id

        name = self.name

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

        major: int | None | Unset
        if isinstance(self.major, Unset):
            major = UNSET
        else:
            major = self.major

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project_id": project_id,
                "name": name,
                "provider": provider,
            }
        )
        if environment_id is not UNSET:
            field_dict["environment_id"] = environment_id
        if protected is not UNSET:
            field_dict["protected"] = protected
        if labels is not UNSET:
            field_dict["labels"] = labels
        if major is not UNSET:
            field_dict["major"] = major

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.local_database_create_labels import LocalDatabaseCreateLabels  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        name = d.pop("name")

        provider = cast(Literal["local"], d.pop("provider"))
        if provider != "local":
            raise ValueError(f"provider must match const 'local', got '{provider}'")

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        protected = d.pop("protected", UNSET)

        _labels = d.pop("labels", UNSET)
        labels: LocalDatabaseCreateLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = LocalDatabaseCreateLabels.from_dict(_labels)

        def _parse_major(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        major = _parse_major(d.pop("major", UNSET))

        local_database_create = cls(
            project_id=project_id,
            name=name,
            provider=provider,
            environment_id=environment_id,
            protected=protected,
            labels=labels,
            major=major,
        )

        return local_database_create
