from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ServiceRename")


@_attrs_define
class ServiceRename:
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    break_references: bool | Unset = False
    """ Rename it although variables refer to it that are not rewritten, those of other environments. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        break_references = self.break_references

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if break_references is not UNSET:
            field_dict["break_references"] = break_references

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        break_references = d.pop("break_references", UNSET)

        service_rename = cls(
            name=name,
            break_references=break_references,
        )

        return service_rename
