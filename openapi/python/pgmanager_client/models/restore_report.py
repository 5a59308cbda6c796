from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.method import Method

if TYPE_CHECKING:
    from ..models.count_view import CountView
    from ..models.large_objects_view import LargeObjectsView
    from ..models.selection_view import SelectionView


T = TypeVar("T", bound="RestoreReport")


@_attrs_define
class RestoreReport:
    """The restored database against the manifest, counted exactly."""

    equal: bool
    rows: int
    size_bytes: int | None
    """ What the restored database takes on its server's disk; of rows alone nobody knows. """
    tables: list[CountView]
    sequences: list[CountView]
    large_objects: LargeObjectsView | None
    not_compared: list[str]
    """ Materialised views, which are filled anew, and foreign tables. """
    roles_created: list[str]
    duration_seconds: float
    """ Of loading the archive. """
    method: Method | None
    bytes_needed: int | None
    """ As in the plan. """
    bytes_read: int | None
    """ Of the stored object, encryption included. """
    selection: None | SelectionView
    """ Of selected tables. """
    warnings: list[str]
    readers: int = 1
    """ How many tables were loaded at once. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.large_objects_view import LargeObjectsView  # noqa: PLC0415
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        equal = self.equal

        rows = self.rows

        size_bytes: int | None
        size_bytes = self.size_bytes

        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        sequences = []
        for sequences_item_data in self.sequences:
            sequences_item = sequences_item_data.to_dict()
            sequences.append(sequences_item)

        large_objects: dict[str, Any] | None
        if isinstance(self.large_objects, LargeObjectsView):
            large_objects = self.large_objects.to_dict()
        else:
            large_objects = self.large_objects

        not_compared = self.not_compared

        roles_created = self.roles_created

        duration_seconds = self.duration_seconds

        method: None | str
        if isinstance(self.method, Method):
            method = self.method.value
        else:
            method = self.method

        readers = self.readers

        bytes_needed: int | None
        bytes_needed = self.bytes_needed

        bytes_read: int | None
        bytes_read = self.bytes_read

        selection: dict[str, Any] | None
        if isinstance(self.selection, SelectionView):
            selection = self.selection.to_dict()
        else:
            selection = self.selection

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "equal": equal,
                "rows": rows,
                "size_bytes": size_bytes,
                "tables": tables,
                "sequences": sequences,
                "large_objects": large_objects,
                "not_compared": not_compared,
                "roles_created": roles_created,
                "duration_seconds": duration_seconds,
                "method": method,
                "readers": readers,
                "bytes_needed": bytes_needed,
                "bytes_read": bytes_read,
                "selection": selection,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.count_view import CountView  # noqa: PLC0415
        from ..models.large_objects_view import LargeObjectsView  # noqa: PLC0415
        from ..models.selection_view import SelectionView  # noqa: PLC0415

        d = dict(src_dict)
        equal = d.pop("equal")

        rows = d.pop("rows")

        def _parse_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes"))

        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = CountView.from_dict(tables_item_data)

            tables.append(tables_item)

        sequences = []
        _sequences = d.pop("sequences")
        for sequences_item_data in _sequences:
            sequences_item = CountView.from_dict(sequences_item_data)

            sequences.append(sequences_item)

        def _parse_large_objects(data: object) -> LargeObjectsView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                large_objects_type_0 = LargeObjectsView.from_dict(data)

                return large_objects_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LargeObjectsView | None, data)

        large_objects = _parse_large_objects(d.pop("large_objects"))

        not_compared = cast(list[str], d.pop("not_compared"))

        roles_created = cast(list[str], d.pop("roles_created"))

        duration_seconds = d.pop("duration_seconds")

        def _parse_method(data: object) -> Method | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                method_type_0 = Method(data)

                return method_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Method | None, data)

        method = _parse_method(d.pop("method"))

        readers = d.pop("readers")

        def _parse_bytes_needed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        bytes_needed = _parse_bytes_needed(d.pop("bytes_needed"))

        def _parse_bytes_read(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        bytes_read = _parse_bytes_read(d.pop("bytes_read"))

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

        warnings = cast(list[str], d.pop("warnings"))

        restore_report = cls(
            equal=equal,
            rows=rows,
            size_bytes=size_bytes,
            tables=tables,
            sequences=sequences,
            large_objects=large_objects,
            not_compared=not_compared,
            roles_created=roles_created,
            duration_seconds=duration_seconds,
            method=method,
            readers=readers,
            bytes_needed=bytes_needed,
            bytes_read=bytes_read,
            selection=selection,
            warnings=warnings,
        )

        restore_report.additional_properties = d
        return restore_report

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
