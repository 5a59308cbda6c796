from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.client import Client
from ..models.endpoint_kind import EndpointKind
from ..models.mode import Mode
from ..models.pool_mode import PoolMode
from ..models.tls_mode import TlsMode

if TYPE_CHECKING:
    from ..models.connection_strings_view_environment_type_0 import (
        ConnectionStringsViewEnvironmentType0,
    )
    from ..models.connection_strings_view_files import ConnectionStringsViewFiles
    from ..models.pool_advice import PoolAdvice


T = TypeVar("T", bound="ConnectionStringsView")


@_attrs_define
class ConnectionStringsView:
    """What to write into files and environment. Members of secrets are null where an answer is repeated."""

    client: Client
    mode: Mode
    network: EndpointKind
    role: str
    database: str
    sslmode: TlsMode
    """ What libpq's ``sslmode`` of the same name means; there is no ``allow``, which protects from nothing. """
    pool_mode: None | PoolMode
    """ Null: no pooler lies in between. """
    revealed: bool
    """ False: the password is written as `***`. """
    text: None | str
    """ The connection string as this client takes it; empty: it takes none. """
    environment: ConnectionStringsViewEnvironmentType0 | None
    files: ConnectionStringsViewFiles
    """ By name. They hold no secret. """
    install: list[str]
    run: str
    """ The command that runs the programme among the files; empty: there is none. """
    pool: PoolAdvice
    notes: list[str]
    warnings: list[str]
    withheld: list[str]
    """ Members that only the first answer carried. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.connection_strings_view_environment_type_0 import (
            ConnectionStringsViewEnvironmentType0,  # noqa: PLC0415
        )

        client = self.client.value

        mode = self.mode.value

        network = self.network.value

        role = self.role

        database = self.database

        sslmode = self.sslmode.value

        pool_mode: None | str
        if isinstance(self.pool_mode, PoolMode):
            pool_mode = self.pool_mode.value
        else:
            pool_mode = self.pool_mode

        revealed = self.revealed

        text: None | str
        text = self.text

        environment: dict[str, Any] | None
        if isinstance(self.environment, ConnectionStringsViewEnvironmentType0):
            environment = self.environment.to_dict()
        else:
            environment = self.environment

        files = self.files.to_dict()

        install = self.install

        run = self.run

        pool = self.pool.to_dict()

        notes = self.notes

        warnings = self.warnings

        withheld = self.withheld

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client": client,
                "mode": mode,
                "network": network,
                "role": role,
                "database": database,
                "sslmode": sslmode,
                "pool_mode": pool_mode,
                "revealed": revealed,
                "text": text,
                "environment": environment,
                "files": files,
                "install": install,
                "run": run,
                "pool": pool,
                "notes": notes,
                "warnings": warnings,
                "withheld": withheld,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.connection_strings_view_environment_type_0 import (
            ConnectionStringsViewEnvironmentType0,  # noqa: PLC0415
        )
        from ..models.connection_strings_view_files import ConnectionStringsViewFiles  # noqa: PLC0415
        from ..models.pool_advice import PoolAdvice  # noqa: PLC0415

        d = dict(src_dict)
        client = Client(d.pop("client"))

        mode = Mode(d.pop("mode"))

        network = EndpointKind(d.pop("network"))

        role = d.pop("role")

        database = d.pop("database")

        sslmode = TlsMode(d.pop("sslmode"))

        def _parse_pool_mode(data: object) -> None | PoolMode:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                pool_mode_type_0 = PoolMode(data)

                return pool_mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PoolMode, data)

        pool_mode = _parse_pool_mode(d.pop("pool_mode"))

        revealed = d.pop("revealed")

        def _parse_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        text = _parse_text(d.pop("text"))

        def _parse_environment(data: object) -> ConnectionStringsViewEnvironmentType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                environment_type_0 = ConnectionStringsViewEnvironmentType0.from_dict(data)

                return environment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ConnectionStringsViewEnvironmentType0 | None, data)

        environment = _parse_environment(d.pop("environment"))

        files = ConnectionStringsViewFiles.from_dict(d.pop("files"))

        install = cast(list[str], d.pop("install"))

        run = d.pop("run")

        pool = PoolAdvice.from_dict(d.pop("pool"))

        notes = cast(list[str], d.pop("notes"))

        warnings = cast(list[str], d.pop("warnings"))

        withheld = cast(list[str], d.pop("withheld"))

        connection_strings_view = cls(
            client=client,
            mode=mode,
            network=network,
            role=role,
            database=database,
            sslmode=sslmode,
            pool_mode=pool_mode,
            revealed=revealed,
            text=text,
            environment=environment,
            files=files,
            install=install,
            run=run,
            pool=pool,
            notes=notes,
            warnings=warnings,
            withheld=withheld,
        )

        connection_strings_view.additional_properties = d
        return connection_strings_view

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
