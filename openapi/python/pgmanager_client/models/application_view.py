from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.application_login_view import ApplicationLoginView
    from ..models.login_timeouts import LoginTimeouts


T = TypeVar("T", bound="ApplicationView")


@_attrs_define
class ApplicationView:
    name: str
    logical_database: str
    owner_role: str
    logins: list[ApplicationLoginView]
    timeouts: LoginTimeouts
    """ Of the logins' sessions, in seconds; 0 for none. A session can set them otherwise, as a migration should.
    """
    ready: bool
    """ False: its `:harden` has not come to its end. Send it again. """
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        logical_database = self.logical_database

        owner_role = self.owner_role

        logins = []
        for logins_item_data in self.logins:
            logins_item = logins_item_data.to_dict()
            logins.append(logins_item)

        timeouts = self.timeouts.to_dict()

        ready = self.ready

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "logical_database": logical_database,
                "owner_role": owner_role,
                "logins": logins,
                "timeouts": timeouts,
                "ready": ready,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.application_login_view import ApplicationLoginView  # noqa: PLC0415
        from ..models.login_timeouts import LoginTimeouts  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        logical_database = d.pop("logical_database")

        owner_role = d.pop("owner_role")

        logins = []
        _logins = d.pop("logins")
        for logins_item_data in _logins:
            logins_item = ApplicationLoginView.from_dict(logins_item_data)

            logins.append(logins_item)

        timeouts = LoginTimeouts.from_dict(d.pop("timeouts"))

        ready = d.pop("ready")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        application_view = cls(
            name=name,
            logical_database=logical_database,
            owner_role=owner_role,
            logins=logins,
            timeouts=timeouts,
            ready=ready,
            created_at=created_at,
            updated_at=updated_at,
        )

        application_view.additional_properties = d
        return application_view

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
