from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.left_out_view import LeftOutView
    from ..models.object_view import ObjectView
    from ..models.relation_view import RelationView


T = TypeVar("T", bound="SelectionView")


@_attrs_define
class SelectionView:
    """What comes with selected tables, by the dependencies that the archive holds."""

    tables: list[RelationView]
    """ With the partitions of those that were named. """
    sequences: list[RelationView]
    needed: list[ObjectView]
    """ Taken along: without these the tables cannot be made. """
    left_out: list[LeftOutView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tables = []
        for tables_item_data in self.tables:
            tables_item = tables_item_data.to_dict()
            tables.append(tables_item)

        sequences = []
        for sequences_item_data in self.sequences:
            sequences_item = sequences_item_data.to_dict()
            sequences.append(sequences_item)

        needed = []
        for needed_item_data in self.needed:
            needed_item = needed_item_data.to_dict()
            needed.append(needed_item)

        left_out = []
        for left_out_item_data in self.left_out:
            left_out_item = left_out_item_data.to_dict()
            left_out.append(left_out_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tables": tables,
                "sequences": sequences,
                "needed": needed,
                "left_out": left_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.left_out_view import LeftOutView  # noqa: PLC0415
        from ..models.object_view import ObjectView  # noqa: PLC0415
        from ..models.relation_view import RelationView  # noqa: PLC0415

        d = dict(src_dict)
        tables = []
        _tables = d.pop("tables")
        for tables_item_data in _tables:
            tables_item = RelationView.from_dict(tables_item_data)

            tables.append(tables_item)

        sequences = []
        _sequences = d.pop("sequences")
        for sequences_item_data in _sequences:
            sequences_item = RelationView.from_dict(sequences_item_data)

            sequences.append(sequences_item)

        needed = []
        _needed = d.pop("needed")
        for needed_item_data in _needed:
            needed_item = ObjectView.from_dict(needed_item_data)

            needed.append(needed_item)

        left_out = []
        _left_out = d.pop("left_out")
        for left_out_item_data in _left_out:
            left_out_item = LeftOutView.from_dict(left_out_item_data)

            left_out.append(left_out_item)

        selection_view = cls(
            tables=tables,
            sequences=sequences,
            needed=needed,
            left_out=left_out,
        )

        selection_view.additional_properties = d
        return selection_view

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
