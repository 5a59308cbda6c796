from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.database_state import DatabaseState
from ..models.provider_name import ProviderName
from ..models.tls_mode import TlsMode

if TYPE_CHECKING:
    from ..models.database_view_labels import DatabaseViewLabels
    from ..models.railway_place_view import RailwayPlaceView


T = TypeVar("T", bound="DatabaseView")


@_attrs_define
class DatabaseView:
    id: str
    project_id: str
    environment_id: str
    name: str
    provider: ProviderName
    state: DatabaseState
    state_reason: None | str
    server_version: None | str
    host: None | str
    """ Null until the server has an address, and while nothing reaches it. """
    port: int | None
    default_database: None | str
    username: None | str
    tls_mode: None | TlsMode
    reach: None | str
    """ Of a database on Railway: `private`, where this service runs in its environment, `public`, `worker:` and the
    label, or `none`. Null elsewhere. """
    worker_label: None | str
    protected: bool
    labels: DatabaseViewLabels
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    deleted_at: datetime.datetime | None
    railway: None | RailwayPlaceView
    """ Null for other providers. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.railway_place_view import RailwayPlaceView  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        environment_id = self.environment_id

        name = self.name

        provider = self.provider.value

        state = self.state.value

        state_reason: None | str
        state_reason = self.state_reason

        server_version: None | str
        server_version = self.server_version

        host: None | str
        host = self.host

        port: int | None
        port = self.port

        default_database: None | str
        default_database = self.default_database

        username: None | str
        username = self.username

        tls_mode: None | str
        if isinstance(self.tls_mode, TlsMode):
            tls_mode = self.tls_mode.value
        else:
            tls_mode = self.tls_mode

        reach: None | str
        reach = self.reach

        worker_label: None | str
        worker_label = self.worker_label

        protected = self.protected

        labels = self.labels.to_dict()

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        deleted_at: None | str
        if isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        railway: dict[str, Any] | None
        if isinstance(self.railway, RailwayPlaceView):
            railway = self.railway.to_dict()
        else:
            railway = self.railway

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "environment_id": environment_id,
                "name": name,
                "provider": provider,
                "state": state,
                "state_reason": state_reason,
                "server_version": server_version,
                "host": host,
                "port": port,
                "default_database": default_database,
                "username": username,
                "tls_mode": tls_mode,
                "reach": reach,
                "worker_label": worker_label,
                "protected": protected,
                "labels": labels,
                "created_by": created_by,
                "created_at": created_at,
                "updated_at": updated_at,
                "deleted_at": deleted_at,
                "railway": railway,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_view_labels import DatabaseViewLabels  # noqa: PLC0415
        from ..models.railway_place_view import RailwayPlaceView  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        environment_id = d.pop("environment_id")

        name = d.pop("name")

        provider = ProviderName(d.pop("provider"))

        state = DatabaseState(d.pop("state"))

        def _parse_state_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        state_reason = _parse_state_reason(d.pop("state_reason"))

        def _parse_server_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        server_version = _parse_server_version(d.pop("server_version"))

        def _parse_host(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        host = _parse_host(d.pop("host"))

        def _parse_port(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        port = _parse_port(d.pop("port"))

        def _parse_default_database(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        default_database = _parse_default_database(d.pop("default_database"))

        def _parse_username(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        username = _parse_username(d.pop("username"))

        def _parse_tls_mode(data: object) -> None | TlsMode:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                tls_mode_type_0 = TlsMode(data)

                return tls_mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TlsMode, data)

        tls_mode = _parse_tls_mode(d.pop("tls_mode"))

        def _parse_reach(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reach = _parse_reach(d.pop("reach"))

        def _parse_worker_label(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        worker_label = _parse_worker_label(d.pop("worker_label"))

        protected = d.pop("protected")

        labels = DatabaseViewLabels.from_dict(d.pop("labels"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_deleted_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deleted_at = _parse_deleted_at(d.pop("deleted_at"))

        def _parse_railway(data: object) -> None | RailwayPlaceView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                railway_type_0 = RailwayPlaceView.from_dict(data)

                return railway_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RailwayPlaceView, data)

        railway = _parse_railway(d.pop("railway"))

        database_view = cls(
            id=id,
            project_id=project_id,
            environment_id=environment_id,
            name=name,
            provider=provider,
            state=state,
            state_reason=state_reason,
            server_version=server_version,
            host=host,
            port=port,
            default_database=default_database,
            username=username,
            tls_mode=tls_mode,
            reach=reach,
            worker_label=worker_label,
            protected=protected,
            labels=labels,
            created_by=created_by,
            created_at=created_at,
            updated_at=updated_at,
            deleted_at=deleted_at,
            railway=railway,
        )

        database_view.additional_properties = d
        return database_view

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
