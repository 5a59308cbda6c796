from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.compared_constraints import ComparedConstraints
    from ..models.compared_contents import ComparedContents
    from ..models.compared_extension import ComparedExtension
    from ..models.compared_number import ComparedNumber
    from ..models.compared_table import ComparedTable


T = TypeVar("T", bound="RehearsalReport")


@_attrs_define
class RehearsalReport:
    """The restore into a scratch server, and the restored database against the manifest."""

    equal: bool
    location_id: str
    server_version: str
    server_reason: None | str
    """ Why it was not the major of the server that was backed up. """
    as_superuser: bool
    """ Owners and grants were restored, too. """
    rows: int
    size_bytes: int
    restore_seconds: float
    tables: list[ComparedTable]
    sequences: list[ComparedTable]
    large_objects: ComparedNumber | None
    constraints: ComparedConstraints | None
    extensions: list[ComparedExtension]
    contents: ComparedContents
    """ Of tables, and of 1: how much of the contents was compared beyond the counts, which are of all tables. """
    roles: int
    """ That the backup names, all of which were made. """
    left_out: list[str]
    """ Entries that were not restored, since only a superuser may make them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.compared_constraints import ComparedConstraints  # noqa: PLC0415
        from ..models.compared_number import ComparedNumber  # noqa: PLC0415

        equal = self.equal

        location_id = self.location_id

        server_version = self.server_version

        server_reason: None | str
        server_reason = self.server_reason

        as_superuser = self.as_superuser

        rows = self.rows

        size_bytes = self.size_bytes

        restore_seconds = self.restore_seconds

        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        sequences = []
        for sequences_item_data in self.sequences:
            sequences_item = sequences_item_data.to_dict()
            sequences.append(sequences_item)

        large_objects: dict[str, Any] | None
        if isinstance(self.large_objects, ComparedNumber):
            large_objects = self.large_objects.to_dict()
        else:
            large_objects = self.large_objects

        constraints: dict[str, Any] | None
        if isinstance(self.constraints, ComparedConstraints):
            constraints = self.constraints.to_dict()
        else:
            constraints = self.constraints

        extensions = []
        for extensions_item_data in self.extensions:
            extensions_item = extensions_item_data.to_dict()
            extensions.append(extensions_item)

        contents = self.contents.to_dict()

        roles = self.roles

        left_out = self.left_out

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "equal": equal,
                "location_id": location_id,
                "server_version": server_version,
                "server_reason": server_reason,
                "as_superuser": as_superuser,
                "rows": rows,
                "size_bytes": size_bytes,
                "restore_seconds": restore_seconds,
                "tables": tables,
                "sequences": sequences,
                "large_objects": large_objects,
                "constraints": constraints,
                "extensions": extensions,
                "contents": contents,
                "roles": roles,
                "left_out": left_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.compared_constraints import ComparedConstraints  # noqa: PLC0415
        from ..models.compared_contents import ComparedContents  # noqa: PLC0415
        from ..models.compared_extension import ComparedExtension  # noqa: PLC0415
        from ..models.compared_number import ComparedNumber  # noqa: PLC0415
        from ..models.compared_table import ComparedTable  # noqa: PLC0415

        d = dict(src_dict)
        equal = d.pop("equal")

        location_id = d.pop("location_id")

        server_version = d.pop("server_version")

        def _parse_server_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        server_reason = _parse_server_reason(d.pop("server_reason"))

        as_superuser = d.pop("as_superuser")

        rows = d.pop("rows")

        size_bytes = d.pop("size_bytes")

        restore_seconds = d.pop("restore_seconds")

        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = ComparedTable.from_dict(tables_item_data)

            tables.append(tables_item)

        sequences = []
        _sequences = d.pop("sequences")
        for sequences_item_data in _sequences:
            sequences_item = ComparedTable.from_dict(sequences_item_data)

            sequences.append(sequences_item)

        def _parse_large_objects(data: object) -> ComparedNumber | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                large_objects_type_0 = ComparedNumber.from_dict(data)

                return large_objects_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ComparedNumber | None, data)

        large_objects = _parse_large_objects(d.pop("large_objects"))

        def _parse_constraints(data: object) -> ComparedConstraints | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                constraints_type_0 = ComparedConstraints.from_dict(data)

                return constraints_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ComparedConstraints | None, data)

        constraints = _parse_constraints(d.pop("constraints"))

        extensions = []
        _extensions = d.pop("extensions")
        for extensions_item_data in _extensions:
            extensions_item = ComparedExtension.from_dict(extensions_item_data)

            extensions.append(extensions_item)

        contents = ComparedContents.from_dict(d.pop("contents"))

        roles = d.pop("roles")

        left_out = cast(list[str], d.pop("left_out"))

        rehearsal_report = cls(
            equal=equal,
            location_id=location_id,
            server_version=server_version,
            server_reason=server_reason,
            as_superuser=as_superuser,
            rows=rows,
            size_bytes=size_bytes,
            restore_seconds=restore_seconds,
            tables=tables,
            sequences=sequences,
            large_objects=large_objects,
            constraints=constraints,
            extensions=extensions,
            contents=contents,
            roles=roles,
            left_out=left_out,
        )

        rehearsal_report.additional_properties = d
        return rehearsal_report

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
