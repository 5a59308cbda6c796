from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.network import Network
from ..models.on_conflict import OnConflict
from ..models.owner_mode import OwnerMode
from ..models.parts import Parts
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.in_place import InPlace
    from ..models.into_logical_database import IntoLogicalDatabase
    from ..models.into_new_database import IntoNewDatabase
    from ..models.into_rows import IntoRows
    from ..models.into_tables import IntoTables
    from ..models.restore_options_role_map import RestoreOptionsRoleMap
    from ..models.table_name import TableName


T = TypeVar("T", bound="RestoreOptions")


@_attrs_define
class RestoreOptions:
    target: InPlace | IntoLogicalDatabase | IntoNewDatabase | IntoRows | IntoTables
    parts: Parts | Unset = UNSET
    tables: list[TableName] | None | Unset = UNSET
    """ Only these, and what they need. A partitioned table stands for all of its partitions. """
    owner_mode: OwnerMode | Unset = UNSET
    role_map: RestoreOptionsRoleMap | Unset = UNSET
    safety_backup: bool | Unset = True
    """ In place: back up what is replaced first. """
    network: Network | None | Unset = UNSET
    """ `temporary_public`: open a public address on Railway for this job alone and close it when the job ends. The
    server restarts once, and what leaves by the address is billed as egress. """
    on_conflict: OnConflict | Unset = UNSET
    """ What to do when a live job excludes the new one. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.in_place import InPlace  # noqa: PLC0415
        from ..models.into_logical_database import IntoLogicalDatabase  # noqa: PLC0415
        from ..models.into_new_database import IntoNewDatabase  # noqa: PLC0415
        from ..models.into_tables import IntoTables  # noqa: PLC0415

        target: dict[str, Any]
        if isinstance(self.target, IntoLogicalDatabase):
            target = self.target.to_dict()
        elif isinstance(self.target, InPlace):
            target = self.target.to_dict()
        elif isinstance(self.target, IntoNewDatabase):
            target = self.target.to_dict()
        elif isinstance(self.target, IntoTables):
            target = self.target.to_dict()
        else:
            target = self.target.to_dict()

        parts: str | Unset = UNSET
        if not isinstance(self.parts, Unset):
            parts = self.parts.value

        tables: list[dict[str, Any]] | None | Unset
        if isinstance(self.tables, Unset):
            tables = UNSET
        elif isinstance(self.tables, list):
            tables = []
            for tables_type_0_item_data in self.tables:
                tables_type_0_item = tables_type_0_item_data.to_dict()
                tables.append(tables_type_0_item)

        else:
            tables = self.tables

        owner_mode: str | Unset = UNSET
        if not isinstance(self.owner_mode, Unset):
            owner_mode = self.owner_mode.value

        role_map: dict[str, Any] | Unset = UNSET
        if not isinstance(self.role_map, Unset):
            role_map = self.role_map.to_dict()

        safety_backup = self.safety_backup

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

        field_dict.update(
            {
                "target": target,
            }
        )
        if parts is not UNSET:
            field_dict["parts"] = parts
        if tables is not UNSET:
            field_dict["tables"] = tables
        if owner_mode is not UNSET:
            field_dict["owner_mode"] = owner_mode
        if role_map is not UNSET:
            field_dict["role_map"] = role_map
        if safety_backup is not UNSET:
            field_dict["safety_backup"] = safety_backup
        if network is not UNSET:
            field_dict["network"] = network
        if on_conflict is not UNSET:
            field_dict["on_conflict"] = on_conflict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.in_place import InPlace  # noqa: PLC0415
        from ..models.into_logical_database import IntoLogicalDatabase  # noqa: PLC0415
        from ..models.into_new_database import IntoNewDatabase  # noqa: PLC0415
        from ..models.into_rows import IntoRows  # noqa: PLC0415
        from ..models.into_tables import IntoTables  # noqa: PLC0415
        from ..models.restore_options_role_map import RestoreOptionsRoleMap  # noqa: PLC0415
        from ..models.table_name import TableName  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_target(data: object) -> InPlace | IntoLogicalDatabase | IntoNewDatabase | IntoRows | IntoTables:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                target_type_0 = IntoLogicalDatabase.from_dict(data)

                return target_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                target_type_1 = InPlace.from_dict(data)

                return target_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                target_type_2 = IntoNewDatabase.from_dict(data)

                return target_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                target_type_3 = IntoTables.from_dict(data)

                return target_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            target_type_4 = IntoRows.from_dict(data)

            return target_type_4

        target = _parse_target(d.pop("target"))

        _parts = d.pop("parts", UNSET)
        parts: Parts | Unset
        if isinstance(_parts, Unset):
            parts = UNSET
        else:
            parts = Parts(_parts)

        def _parse_tables(data: object) -> list[TableName] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tables_type_0 = []
                _tables_type_0 = data
                for tables_type_0_item_data in _tables_type_0:
                    tables_type_0_item = TableName.from_dict(tables_type_0_item_data)

                    tables_type_0.append(tables_type_0_item)

                return tables_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[TableName] | None | Unset, data)

        tables = _parse_tables(d.pop("tables", UNSET))

        _owner_mode = d.pop("owner_mode", UNSET)
        owner_mode: OwnerMode | Unset
        if isinstance(_owner_mode, Unset):
            owner_mode = UNSET
        else:
            owner_mode = OwnerMode(_owner_mode)

        _role_map = d.pop("role_map", UNSET)
        role_map: RestoreOptionsRoleMap | Unset
        if isinstance(_role_map, Unset):
            role_map = UNSET
        else:
            role_map = RestoreOptionsRoleMap.from_dict(_role_map)

        safety_backup = d.pop("safety_backup", UNSET)

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

        restore_options = cls(
            target=target,
            parts=parts,
            tables=tables,
            owner_mode=owner_mode,
            role_map=role_map,
            safety_backup=safety_backup,
            network=network,
            on_conflict=on_conflict,
        )

        return restore_options
