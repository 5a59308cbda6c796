from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.catch_up import CatchUp
from ..models.encryption import Encryption

if TYPE_CHECKING:
    from ..models.table_name import TableName


T = TypeVar("T", bound="PolicyScheduleView")


@_attrs_define
class PolicyScheduleView:
    """A schedule with what becomes of it."""

    cron: str
    """ Minute, hour, day of month, month, day of week. """
    catch_up: CatchUp
    logical_databases: list[str] | None
    """ The database's default one when null. """
    tables: list[TableName]
    exclude_tables: list[TableName]
    encryption: Encryption
    id: str
    last_slot: datetime.datetime | None
    """ The newest slot that became a job. """
    next_run_at: datetime.datetime | None
    """ Null while the policy is not enabled. """
    zone: str = "UTC"
    """ Of the IANA database. """
    jitter_seconds: int = 600
    """ Each database comes later by some time below it, always the same, so that not all come at once. """
    all_logical_databases: bool = False
    schema_only: bool = False
    data_only: bool = False

    def to_dict(self) -> dict[str, Any]:
        cron = self.cron

        zone = self.zone

        jitter_seconds = self.jitter_seconds

        catch_up = self.catch_up.value

        logical_databases: list[str] | None
        if isinstance(self.logical_databases, list):
            logical_databases = self.logical_databases

        else:
            logical_databases = self.logical_databases

        all_logical_databases = self.all_logical_databases

        schema_only = self.schema_only

        data_only = self.data_only

        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        exclude_tables = []
        for exclude_tables_item_data in self.exclude_tables:
            exclude_tables_item = exclude_tables_item_data.to_dict()
            exclude_tables.append(exclude_tables_item)

        encryption = self.encryption.value

        id = self.id

        last_slot: None | str
        if isinstance(self.last_slot, datetime.datetime):
            last_slot = self.last_slot.isoformat()
        else:
            last_slot = self.last_slot

        next_run_at: None | str
        if isinstance(self.next_run_at, datetime.datetime):
            next_run_at = self.next_run_at.isoformat()
        else:
            next_run_at = self.next_run_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cron": cron,
                "zone": zone,
                "jitter_seconds": jitter_seconds,
                "catch_up": catch_up,
                "logical_databases": logical_databases,
                "all_logical_databases": all_logical_databases,
                "schema_only": schema_only,
                "data_only": data_only,
                "tables": tables,
                "exclude_tables": exclude_tables,
                "encryption": encryption,
                "id": id,
                "last_slot": last_slot,
                "next_run_at": next_run_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.table_name import TableName  # noqa: PLC0415

        d = dict(src_dict)
        cron = d.pop("cron")

        zone = d.pop("zone")

        jitter_seconds = d.pop("jitter_seconds")

        catch_up = CatchUp(d.pop("catch_up"))

        def _parse_logical_databases(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logical_databases_type_0 = cast(list[str], data)

                return logical_databases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        logical_databases = _parse_logical_databases(d.pop("logical_databases"))

        all_logical_databases = d.pop("all_logical_databases")

        schema_only = d.pop("schema_only")

        data_only = d.pop("data_only")

        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = TableName.from_dict(tables_item_data)

            tables.append(tables_item)

        exclude_tables = []
        _exclude_tables = d.pop("exclude_tables")
        for exclude_tables_item_data in _exclude_tables:
            exclude_tables_item = TableName.from_dict(exclude_tables_item_data)

            exclude_tables.append(exclude_tables_item)

        encryption = Encryption(d.pop("encryption"))

        id = d.pop("id")

        def _parse_last_slot(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_slot_type_0 = datetime.datetime.fromisoformat(data)

                return last_slot_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_slot = _parse_last_slot(d.pop("last_slot"))

        def _parse_next_run_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_run_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_run_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_run_at = _parse_next_run_at(d.pop("next_run_at"))

        policy_schedule_view = cls(
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
            id=id,
            last_slot=last_slot,
            next_run_at=next_run_at,
        )

        return policy_schedule_view
