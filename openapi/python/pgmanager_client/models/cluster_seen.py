from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cluster_member_seen import ClusterMemberSeen


T = TypeVar("T", bound="ClusterSeen")


@_attrs_define
class ClusterSeen:
    """A highly available cluster. It is recognised here, and made and unmade by Railway's own tools only."""

    role: str
    root_service_id: str
    """ An id of Railway's, as it writes it. """
    members: list[ClusterMemberSeen]
    read_endpoint: None | str
    """ Where replicas are read, to be put into a variable. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role = self.role

        root_service_id = self.root_service_id

        members = []
        for members_item_data in self.members:
            members_item = members_item_data.to_dict()
            members.append(members_item)

        read_endpoint: None | str
        read_endpoint = self.read_endpoint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "root_service_id": root_service_id,
                "members": members,
                "read_endpoint": read_endpoint,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cluster_member_seen import ClusterMemberSeen  # noqa: PLC0415

        d = dict(src_dict)
        role = d.pop("role")

        root_service_id = d.pop("root_service_id")

        members = []
        _members = d.pop("members")
        for members_item_data in _members:
            members_item = ClusterMemberSeen.from_dict(members_item_data)

            members.append(members_item)

        def _parse_read_endpoint(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        read_endpoint = _parse_read_endpoint(d.pop("read_endpoint"))

        cluster_seen = cls(
            role=role,
            root_service_id=root_service_id,
            members=members,
            read_endpoint=read_endpoint,
        )

        cluster_seen.additional_properties = d
        return cluster_seen

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
