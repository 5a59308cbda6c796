from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.client import Client
from ..models.mode import Mode
from ..models.reachable import Reachable
from ..models.tls_mode import TlsMode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.client_pool import ClientPool


T = TypeVar("T", bound="ConnectionStringsWish")


@_attrs_define
class ConnectionStringsWish:
    client: Client
    mode: Mode | Unset = UNSET
    network: None | Reachable | Unset = UNSET
    """ Null: private, or public where nothing else is known. """
    role: None | str | Unset = UNSET
    """ Whose login; null: see `application`. """
    application: None | str | Unset = UNSET
    """ Its current login. Null and no role: that of the only application, or else the server's superuser. """
    database: None | str | Unset = UNSET
    """ Null: the application's, the login's, or the server's default. """
    shadow_database: None | str | Unset = UNSET
    """ For tools that try migrations out. Null: the database's name with `_shadow` behind it. """
    sslmode: None | TlsMode | Unset = UNSET
    """ As libpq means it, but for `prefer`. Null: the strictest that can succeed. """
    pool: ClientPool | None | Unset = UNSET
    """ Of one process. Null: what suits most. """
    processes: int | Unset = 1
    """ How many run at once, over all replicas, for the reckoning. """
    statement_timeout_seconds: int | None | Unset = UNSET
    application_name: None | str | Unset = UNSET
    """ What the server shows of its sessions. Null: the database's name. """
    reveal: bool | Unset = False
    """ Show the password. Needs the scope secrets:reveal, and is audited. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.client_pool import ClientPool  # noqa: PLC0415

        client = self.client.value

        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode.value

        network: None | str | Unset
        if isinstance(self.network, Unset):
            network = UNSET
        elif isinstance(self.network, Reachable):
            network = self.network.value
        else:
            network = self.network

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        else:
            role = self.role

        application: None | str | Unset
        if isinstance(self.application, Unset):
            application = UNSET
        else:
            application = self.application

        database: None | str | Unset
        if isinstance(self.database, Unset):
            database = UNSET
        else:
            database = self.database

        shadow_database: None | str | Unset
        if isinstance(self.shadow_database, Unset):
            shadow_database = UNSET
        else:
            shadow_database = self.shadow_database

        sslmode: None | str | Unset
        if isinstance(self.sslmode, Unset):
            sslmode = UNSET
        elif isinstance(self.sslmode, TlsMode):
            sslmode = self.sslmode.value
        else:
            sslmode = self.sslmode

        pool: dict[str, Any] | None | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        elif isinstance(self.pool, ClientPool):
            pool = self.pool.to_dict()
        else:
            pool = self.pool

        processes = self.processes

        statement_timeout_seconds: int | None | Unset
        if isinstance(self.statement_timeout_seconds, Unset):
            statement_timeout_seconds = UNSET
        else:
            statement_timeout_seconds = self.statement_timeout_seconds

        application_name: None | str | Unset
        if isinstance(self.application_name, Unset):
            application_name = UNSET
        else:
            application_name = self.application_name

        reveal = self.reveal

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "client": client,
            }
        )
        if mode is not UNSET:
            field_dict["mode"] = mode
        if network is not UNSET:
            field_dict["network"] = network
        if role is not UNSET:
            field_dict["role"] = role
        if application is not UNSET:
            field_dict["application"] = application
        if database is not UNSET:
            field_dict["database"] = database
        if shadow_database is not UNSET:
            field_dict["shadow_database"] = shadow_database
        if sslmode is not UNSET:
            field_dict["sslmode"] = sslmode
        if pool is not UNSET:
            field_dict["pool"] = pool
        if processes is not UNSET:
            field_dict["processes"] = processes
        if statement_timeout_seconds is not UNSET:
            field_dict["statement_timeout_seconds"] = statement_timeout_seconds
        if application_name is not UNSET:
            field_dict["application_name"] = application_name
        if reveal is not UNSET:
            field_dict["reveal"] = reveal

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.client_pool import ClientPool  # noqa: PLC0415

        d = dict(src_dict)
        client = Client(d.pop("client"))

        _mode = d.pop("mode", UNSET)
        mode: Mode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = Mode(_mode)

        def _parse_network(data: object) -> None | Reachable | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                network_type_0 = Reachable(data)

                return network_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Reachable | Unset, data)

        network = _parse_network(d.pop("network", UNSET))

        def _parse_role(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_application(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        application = _parse_application(d.pop("application", UNSET))

        def _parse_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        database = _parse_database(d.pop("database", UNSET))

        def _parse_shadow_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        shadow_database = _parse_shadow_database(d.pop("shadow_database", UNSET))

        def _parse_sslmode(data: object) -> None | TlsMode | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sslmode_type_0 = TlsMode(data)

                return sslmode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TlsMode | Unset, data)

        sslmode = _parse_sslmode(d.pop("sslmode", UNSET))

        def _parse_pool(data: object) -> ClientPool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pool_type_0 = ClientPool.from_dict(data)

                return pool_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClientPool | None | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

        processes = d.pop("processes", UNSET)

        def _parse_statement_timeout_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        statement_timeout_seconds = _parse_statement_timeout_seconds(d.pop("statement_timeout_seconds", UNSET))

        def _parse_application_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        application_name = _parse_application_name(d.pop("application_name", UNSET))

        reveal = d.pop("reveal", UNSET)

        connection_strings_wish = cls(
            client=client,
            mode=mode,
            network=network,
            role=role,
            application=application,
            database=database,
            shadow_database=shadow_database,
            sslmode=sslmode,
            pool=pool,
            processes=processes,
            statement_timeout_seconds=statement_timeout_seconds,
            application_name=application_name,
            reveal=reveal,
        )

        return connection_strings_wish
