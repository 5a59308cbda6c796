from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.catch_up import CatchUp
from ..models.encryption import Encryption
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.table_name import TableName


T = TypeVar("T", bound="ScheduleRule")


@_attrs_define
class ScheduleRule:
    """When, and what."""

    cron: str
    """ Minute, hour, day of month, month, day of week. """
    zone: str | Unset = "UTC"
    """ Of the IANA database. """
    jitter_seconds: int | Unset = 600
    """ Each database comes later by some time below it, always the same, so that not all come at once. """
    catch_up: CatchUp | Unset = UNSET
    logical_databases: list[str] | None | Unset = UNSET
    """ The database's default one when null. """
    all_logical_databases: bool | Unset = False
    schema_only: bool | Unset = False
    data_only: bool | Unset = False
    tables: list[TableName] | Unset = UNSET
    exclude_tables: list[TableName] | Unset = UNSET
    encryption: Encryption | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        cron = self.cron

        zone = self.zone

        jitter_seconds = self.jitter_seconds

        catch_up: str | Unset = UNSET
        if not isinstance(self.catch_up, Unset):
            catch_up = self.catch_up.value

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

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cron": cron,
            }
        )
        if zone is not UNSET:
            field_dict["zone"] = zone
        if jitter_seconds is not UNSET:
            field_dict["jitter_seconds"] = jitter_seconds
        if catch_up is not UNSET:
            field_dict["catch_up"] = catch_up
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.table_name import TableName  # noqa: PLC0415

        d = dict(src_dict)
        cron = d.pop("cron")

        zone = d.pop("zone", UNSET)

        jitter_seconds = d.pop("jitter_seconds", UNSET)

        _catch_up = d.pop("catch_up", UNSET)
        catch_up: CatchUp | Unset
        if isinstance(_catch_up, Unset):
            catch_up = UNSET
        else:
            catch_up = CatchUp(_catch_up)

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

        schedule_rule = cls(
            cron=cron,
            zone=zone,
            jitter_seconds=jitter_seconds,
            catch_up=catch_up,
            logical_databases=logical_databases,
            all_logical_databases=all_logical_databases,
            schema_only=schema_only,
            data_only=data_only,
            tables=tables,
            exclude_tables=exclude_tables,
            encryption=encryption,
        )

        return schedule_rule
