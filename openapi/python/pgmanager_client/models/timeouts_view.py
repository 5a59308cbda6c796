from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.role_timeouts import RoleTimeouts
    from ..models.session_timeouts import SessionTimeouts


T = TypeVar("T", bound="TimeoutsView")


@_attrs_define
class TimeoutsView:
    """What sessions begin with that ask for nothing else."""

    logical_database: str
    system: SessionTimeouts
    """ Seconds; 0 is for no limit, and null where the server is too old for it. """
    roles: list[RoleTimeouts]
    """ Effective for each role that may log in, in that logical database. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        logical_database = self.logical_database

        system = self.system.to_dict()

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.to_dict()
            roles.append(roles_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "logical_database": logical_database,
                "system": system,
                "roles": roles,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.role_timeouts import RoleTimeouts  # noqa: PLC0415
        from ..models.session_timeouts import SessionTimeouts  # noqa: PLC0415

        d = dict(src_dict)
        logical_database = d.pop("logical_database")

        system = SessionTimeouts.from_dict(d.pop("system"))

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = RoleTimeouts.from_dict(roles_item_data)

            roles.append(roles_item)

        timeouts_view = cls(
            logical_database=logical_database,
            system=system,
            roles=roles,
        )

        timeouts_view.additional_properties = d
        return timeouts_view

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
