from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RailwayEnvironmentCreate")


@_attrs_define
class RailwayEnvironmentCreate:
    railway_project_id: str
    """ An id of Railway's, as it writes it. """
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    source_environment_id: None | str | Unset = UNSET
    """ Railway's environment to fork: its services, volumes and variables come along, no data does. """
    environment_id: None | str | Unset = UNSET
    """ The environment of yours that is to stand for it; linked to none so far. """

    def to_dict(self) -> dict[str, Any]:
        railway_project_id = self.railway_project_id

        name = self.name

        source_environment_id: None | str | Unset
        if isinstance(self.source_environment_id, Unset):
            source_environment_id = UNSET
        else:
            source_environment_id = self.source_environment_id

        environment_id: None | str | Unset
        if isinstance(self.environment_id, Unset):
            environment_id = UNSET
        else:
            environment_id = self.environment_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "railway_project_id": railway_project_id,
                "name": name,
            }
        )
        if source_environment_id is not UNSET:
            field_dict["source_environment_id"] = source_environment_id
        if environment_id is not UNSET:
            field_dict["environment_id"] = environment_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        railway_project_id = d.pop("railway_project_id")

        name = d.pop("name")

        def _parse_source_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_environment_id = _parse_source_environment_id(d.pop("source_environment_id", UNSET))

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        railway_environment_create = cls(
            railway_project_id=railway_project_id,
            name=name,
            source_environment_id=source_environment_id,
            environment_id=environment_id,
        )

        return railway_environment_create
