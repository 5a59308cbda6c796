from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.hook_action import HookAction
from ..models.hook_kind import HookKind

T = TypeVar("T", bound="HookView")


@_attrs_define
class HookView:
    """An address to which one sender posts, and what is done then. Its secret never leaves a second time."""

    id: str
    project_id: str
    name: str
    kind: HookKind
    action: HookAction
    database_id: None | str
    environment_id: None | str
    enabled: bool
    """ While false, messages are answered and start nothing. """
    branches: list[str]
    logical_databases: list[str]
    path: str
    """ Where the sender posts, behind this service's address. For the kind railway `/` and the secret follow. """
    previous_secret_until: datetime.datetime | None
    """ Until then the secret from before the rotation counts too. """
    created_by: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        project_id = self.project_id

        name = self.name

        kind = self.kind.value

        action = self.action.value

        database_id: None | str
        database_id = self.database_id

        environment_id: None | str
        environment_id = self.environment_id

        enabled = self.enabled

        branches = self.branches

        logical_databases = self.logical_databases

        path = self.path

        previous_secret_until: None | str
        if isinstance(self.previous_secret_until, datetime.datetime):
            previous_secret_until = self.previous_secret_until.isoformat()
        else:
            previous_secret_until = self.previous_secret_until

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "name": name,
                "kind": kind,
                "action": action,
                "database_id": database_id,
                "environment_id": environment_id,
                "enabled": enabled,
                "branches": branches,
                "logical_databases": logical_databases,
                "path": path,
                "previous_secret_until": previous_secret_until,
                "created_by": created_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        name = d.pop("name")

        kind = HookKind(d.pop("kind"))

        action = HookAction(d.pop("action"))

        def _parse_database_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        database_id = _parse_database_id(d.pop("database_id"))

        def _parse_environment_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        environment_id = _parse_environment_id(d.pop("environment_id"))

        enabled = d.pop("enabled")

        branches = cast(list[str], d.pop("branches"))

        logical_databases = cast(list[str], d.pop("logical_databases"))

        path = d.pop("path")

        def _parse_previous_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                previous_secret_until_type_0 = datetime.datetime.fromisoformat(data)

                return previous_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        previous_secret_until = _parse_previous_secret_until(d.pop("previous_secret_until"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        hook_view = cls(
            id=id,
            project_id=project_id,
            name=name,
            kind=kind,
            action=action,
            database_id=database_id,
            environment_id=environment_id,
            enabled=enabled,
            branches=branches,
            logical_databases=logical_databases,
            path=path,
            previous_secret_until=previous_secret_until,
            created_by=created_by,
            created_at=created_at,
        )

        hook_view.additional_properties = d
        return hook_view

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
