from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.owner_mode import OwnerMode

if TYPE_CHECKING:
    from ..models.extension_view import ExtensionView
    from ..models.planned_table import PlannedTable
    from ..models.problem import Problem
    from ..models.reading_view import ReadingView
    from ..models.role_view import RoleView
    from ..models.selection_view import SelectionView


T = TypeVar("T", bound="RestorePlanView")


@_attrs_define
class RestorePlanView:
    """What a restore would do, found out without changing anything."""

    possible: bool
    obstacles: list[Problem]
    """ What stands against it on the target server, or in the store. """
    database_id: str
    logical_database: str
    into_schema: None | str
    archive_client_major: int
    target_major: int | None
    """ Null while nobody has been in the target server. """
    reading: ReadingView
    tables: list[PlannedTable]
    rows: int
    selection: None | SelectionView
    owner_mode: OwnerMode
    roles: list[RoleView]
    extensions: list[ExtensionView]
    needed_bytes: int | None
    """ On the target's disk, by the size of the database that was backed up. """
    free_bytes: int | None
    """ Null where nobody tells. """
    remarks: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        possible = self.possible

        obstacles = []
        for obstacles_item_data in self.obstacles:
            obstacles_item = obstacles_item_data.to_dict()
            obstacles.append(obstacles_item)

        database_id = self.database_id

        logical_database = self.logical_database

        into_schema: None | str
        into_schema = self.into_schema

        archive_client_major = self.archive_client_major

        target_major: int | None
        target_major = self.target_major

        reading = self.reading.to_dict()

        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        rows = self.rows

        selection: dict[str, Any] | None
        if isinstance(self.selection, SelectionView):
            selection = self.selection.to_dict()
        else:
            selection = self.selection

        owner_mode = self.owner_mode.value

        roles = []
        for roles_item_data in self.roles:
            roles_item = roles_item_data.to_dict()
            roles.append(roles_item)

        extensions = []
        for extensions_item_data in self.extensions:
            extensions_item = extensions_item_data.to_dict()
            extensions.append(extensions_item)

        needed_bytes: int | None
        needed_bytes = self.needed_bytes

        free_bytes: int | None
        free_bytes = self.free_bytes

        remarks = self.remarks

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "possible": possible,
                "obstacles": obstacles,
                "database_id": database_id,
                "logical_database": logical_database,
                "into_schema": into_schema,
                "archive_client_major": archive_client_major,
                "target_major": target_major,
                "reading": reading,
                "tables": tables,
                "rows": rows,
                "selection": selection,
                "owner_mode": owner_mode,
                "roles": roles,
                "extensions": extensions,
                "needed_bytes": needed_bytes,
                "free_bytes": free_bytes,
                "remarks": remarks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.extension_view import ExtensionView  # noqa: PLC0415
        from ..models.planned_table import PlannedTable  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.reading_view import ReadingView  # noqa: PLC0415
        from ..models.role_view import RoleView  # noqa: PLC0415
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        d = dict(src_dict)
        possible = d.pop("possible")

        obstacles = []
        _obstacles = d.pop("obstacles")
        for obstacles_item_data in _obstacles:
            obstacles_item = Problem.from_dict(obstacles_item_data)

            obstacles.append(obstacles_item)

        database_id = d.pop("database_id")

        logical_database = d.pop("logical_database")

        def _parse_into_schema(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        into_schema = _parse_into_schema(d.pop("into_schema"))

        archive_client_major = d.pop("archive_client_major")

        def _parse_target_major(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        target_major = _parse_target_major(d.pop("target_major"))

        reading = ReadingView.from_dict(d.pop("reading"))

        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = PlannedTable.from_dict(tables_item_data)

            tables.append(tables_item)

        rows = d.pop("rows")

        def _parse_selection(data: object) -> None | SelectionView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                selection_type_0 = SelectionView.from_dict(data)

                return selection_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SelectionView, data)

        selection = _parse_selection(d.pop("selection"))

        owner_mode = OwnerMode(d.pop("owner_mode"))

        roles = []
        _roles = d.pop("roles")
        for roles_item_data in _roles:
            roles_item = RoleView.from_dict(roles_item_data)

            roles.append(roles_item)

        extensions = []
        _extensions = d.pop("extensions")
        for extensions_item_data in _extensions:
            extensions_item = ExtensionView.from_dict(extensions_item_data)

            extensions.append(extensions_item)

        def _parse_needed_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        needed_bytes = _parse_needed_bytes(d.pop("needed_bytes"))

        def _parse_free_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        free_bytes = _parse_free_bytes(d.pop("free_bytes"))

        remarks = cast(list[str], d.pop("remarks"))

        restore_plan_view = cls(
            possible=possible,
            obstacles=obstacles,
            database_id=database_id,
            logical_database=logical_database,
            into_schema=into_schema,
            archive_client_major=archive_client_major,
            target_major=target_major,
            reading=reading,
            tables=tables,
            rows=rows,
            selection=selection,
            owner_mode=owner_mode,
            roles=roles,
            extensions=extensions,
            needed_bytes=needed_bytes,
            free_bytes=free_bytes,
            remarks=remarks,
        )

        restore_plan_view.additional_properties = d
        return restore_plan_view

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
