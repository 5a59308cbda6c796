from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="RailwayLink")


@_attrs_define
class RailwayLink:
    """Which environment at Railway one of yours stands for. Railway tells the project."""

    connection_id: str
    railway_environment_id: str
    """ An id of Railway's, as it writes it. """

    def to_dict(self) -> dict[str, Any]:
        connection_id = self.connection_id

        railway_environment_id = self.railway_environment_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "connection_id": connection_id,
                "railway_environment_id": railway_environment_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        connection_id = d.pop("connection_id")

        railway_environment_id = d.pop("railway_environment_id")

        railway_link = cls(
            connection_id=connection_id,
            railway_environment_id=railway_environment_id,
        )

        return railway_link
