from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.encryption import Encryption
from ..models.network import Network
from ..models.on_conflict import OnConflict
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.backup_create_labels import BackupCreateLabels
    from ..models.table_name import TableName


T = TypeVar("T", bound="BackupCreate")


@_attrs_define
class BackupCreate:
    logical_databases: list[str] | None | Unset = UNSET
    """ Each becomes a backup of one set. The database's default one when not given. """
    all_logical_databases: bool | Unset = False
    """ Every one that takes connections and is no template, instead of naming them. """
    schema_only: bool | Unset = False
    data_only: bool | Unset = False
    tables: list[TableName] | Unset = UNSET
    """ Only these. All when empty. """
    exclude_tables: list[TableName] | Unset = UNSET
    encryption: Encryption | Unset = UNSET
    location_ids: list[str] | None | Unset = UNSET
    """ The dump goes to the first that works, and is copied to the others. The project's default when not given.
    """
    labels: BackupCreateLabels | Unset = UNSET
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When it may be deleted, unless it is the newest good one then. Null: never. """
    network: Network | None | Unset = UNSET
    """ `temporary_public`: open a public address on Railway for this job alone and close it when the job ends. The
    server restarts once, and what leaves by the address is billed as egress. """
    on_conflict: OnConflict | Unset = UNSET
    """ What to do when a live job excludes the new one. """

    def to_dict(self) -> dict[str, Any]:
        logical_databases: list[str] | None | Unset
        if isinstance(self.logical_databases, Unset):
            logical_databases = UNSET
        elif isinstance(self.logical_databases, list):
            logical_databases = self.logical_databases

        else:
            logical_databases = self.logical_databases

        all_logical_databases = self.all_logical_databases

        schema_only = self.schema_only

        data_only = self.data_only

        tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tables, Unset):
            tables = []
            for tables_item_data in self.tables:
                tables_item = tables_item_data.to_dict()
                tables.append(tables_item)

        exclude_tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.exclude_tables, Unset):
            exclude_tables = []
            for exclude_tables_item_data in self.exclude_tables:
                exclude_tables_item = exclude_tables_item_data.to_dict()
                exclude_tables.append(exclude_tables_item)

        encryption: str | Unset = UNSET
        if not isinstance(self.encryption, Unset):
            encryption = self.encryption.value

        location_ids: list[str] | None | Unset
        if isinstance(self.location_ids, Unset):
            location_ids = UNSET
        elif isinstance(self.location_ids, list):
            location_ids = self.location_ids

        else:
            location_ids = self.location_ids

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        network: None | str | Unset
        if isinstance(self.network, Unset):
            network = UNSET
        elif isinstance(self.network, Network):
            network = self.network.value
        else:
            network = self.network

        on_conflict: str | Unset = UNSET
        if not isinstance(self.on_conflict, Unset):
            on_conflict = self.on_conflict.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if logical_databases is not UNSET:
            field_dict["logical_databases"] = logical_databases
        if all_logical_databases is not UNSET:
            field_dict["all_logical_databases"] = all_logical_databases
        if schema_only is not UNSET:
            field_dict["schema_only"] = schema_only
        if data_only is not UNSET:
            field_dict["data_only"] = data_only
        if tables is not UNSET:
            field_dict["tables"] = tables
        if exclude_tables is not UNSET:
            field_dict["exclude_tables"] = exclude_tables
        if encryption is not UNSET:
            field_dict["encryption"] = encryption
        if location_ids is not UNSET:
            field_dict["location_ids"] = location_ids
        if labels is not UNSET:
            field_dict["labels"] = labels
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if network is not UNSET:
            field_dict["network"] = network
        if on_conflict is not UNSET:
            field_dict["on_conflict"] = on_conflict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_create_labels import BackupCreateLabels  # noqa: PLC0415
        from ..models.table_name import TableName  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_logical_databases(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logical_databases_type_0 = cast(list[str], data)

                return logical_databases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        logical_databases = _parse_logical_databases(d.pop("logical_databases", UNSET))

        all_logical_databases = d.pop("all_logical_databases", UNSET)

        schema_only = d.pop("schema_only", UNSET)

        data_only = d.pop("data_only", UNSET)

        _tables = d.pop("tables", UNSET)
        tables: list[TableName] | Unset = UNSET
        if _tables is not UNSET:
            tables = []
            for tables_item_data in _tables:
                tables_item = TableName.from_dict(tables_item_data)

                tables.append(tables_item)

        _exclude_tables = d.pop("exclude_tables", UNSET)
        exclude_tables: list[TableName] | Unset = UNSET
        if _exclude_tables is not UNSET:
            exclude_tables = []
            for exclude_tables_item_data in _exclude_tables:
                exclude_tables_item = TableName.from_dict(exclude_tables_item_data)

                exclude_tables.append(exclude_tables_item)

        _encryption = d.pop("encryption", UNSET)
        encryption: Encryption | Unset
        if isinstance(_encryption, Unset):
            encryption = UNSET
        else:
            encryption = Encryption(_encryption)

        def _parse_location_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                location_ids_type_0 = cast(list[str], data)

                return location_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        location_ids = _parse_location_ids(d.pop("location_ids", UNSET))

        _labels = d.pop("labels", UNSET)
        labels: BackupCreateLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = BackupCreateLabels.from_dict(_labels)

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_network(data: object) -> Network | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                network_type_0 = Network(data)

                return network_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Network | None | Unset, data)

        network = _parse_network(d.pop("network", UNSET))

        _on_conflict = d.pop("on_conflict", UNSET)
        on_conflict: OnConflict | Unset
        if isinstance(_on_conflict, Unset):
            on_conflict = UNSET
        else:
            on_conflict = OnConflict(_on_conflict)

        backup_create = cls(
            logical_databases=logical_databases,
            all_logical_databases=all_logical_databases,
            schema_only=schema_only,
            data_only=data_only,
            tables=tables,
            exclude_tables=exclude_tables,
            encryption=encryption,
            location_ids=location_ids,
            labels=labels,
            expires_at=expires_at,
            network=network,
            on_conflict=on_conflict,
        )

        return backup_create
