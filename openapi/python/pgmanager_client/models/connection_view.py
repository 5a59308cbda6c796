from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.connection_state import ConnectionState
from ..models.token_kind import TokenKind

if TYPE_CHECKING:
    from ..models.connection_view_capabilities import ConnectionViewCapabilities
    from ..models.problem import Problem
    from ..models.workspace_view import WorkspaceView


T = TypeVar("T", bound="ConnectionView")


@_attrs_define
class ConnectionView:
    """A token, which itself never leaves."""

    id: str
    project_id: str
    name: str
    kind: TokenKind
    state: ConnectionState
    workspaces: list[WorkspaceView]
    """ That it belongs to; a project token tells none. """
    railway_project_id: None | str
    """ Of a project token. """
    railway_environment_id: None | str
    """ Of a project token. """
    capabilities: ConnectionViewCapabilities
    """ Reads are tried at each probe; of writes the first success or refusal tells. """
    probed_at: datetime.datetime | None
    probe_error: None | Problem
    """ A problem document, when the last probe failed. """
    created_by: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        name = self.name

        kind = self.kind.value

        state = self.state.value

        workspaces = []
        for workspaces_item_data in self.workspaces:
            workspaces_item = workspaces_item_data.to_dict()
            workspaces.append(workspaces_item)

        railway_project_id: None | str
        railway_project_id = self.railway_project_id

        railway_environment_id: None | str
        railway_environment_id = self.railway_environment_id

        capabilities = self.capabilities.to_dict()

        probed_at: None | str
        if isinstance(self.probed_at, datetime.datetime):
            probed_at = self.probed_at.isoformat()
        else:
            probed_at = self.probed_at

        probe_error: dict[str, Any] | None
        if isinstance(self.probe_error, Problem):
            probe_error = self.probe_error.to_dict()
        else:
            probe_error = self.probe_error

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
                "state": state,
                "workspaces": workspaces,
                "railway_project_id": railway_project_id,
                "railway_environment_id": railway_environment_id,
                "capabilities": capabilities,
                "probed_at": probed_at,
                "probe_error": probe_error,
                "created_by": created_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.connection_view_capabilities import ConnectionViewCapabilities  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.workspace_view import WorkspaceView  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        name = d.pop("name")

        kind = TokenKind(d.pop("kind"))

        state = ConnectionState(d.pop("state"))

        workspaces = []
        _workspaces = d.pop("workspaces")
        for workspaces_item_data in _workspaces:
            workspaces_item = WorkspaceView.from_dict(workspaces_item_data)

            workspaces.append(workspaces_item)

        def _parse_railway_project_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        railway_project_id = _parse_railway_project_id(d.pop("railway_project_id"))

        def _parse_railway_environment_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        railway_environment_id = _parse_railway_environment_id(d.pop("railway_environment_id"))

        capabilities = ConnectionViewCapabilities.from_dict(d.pop("capabilities"))

        def _parse_probed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                probed_at_type_0 = datetime.datetime.fromisoformat(data)

                return probed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        probed_at = _parse_probed_at(d.pop("probed_at"))

        def _parse_probe_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                probe_error_type_0 = Problem.from_dict(data)

                return probe_error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        probe_error = _parse_probe_error(d.pop("probe_error"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        connection_view = cls(
            id=id,
            project_id=project_id,
            name=name,
            kind=kind,
            state=state,
            workspaces=workspaces,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            capabilities=capabilities,
            probed_at=probed_at,
            probe_error=probe_error,
            created_by=created_by,
            created_at=created_at,
        )

        connection_view.additional_properties = d
        return connection_view

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
