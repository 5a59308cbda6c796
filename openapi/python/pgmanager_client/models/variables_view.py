from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.variables_view_variables import VariablesViewVariables


T = TypeVar("T", bound="VariablesView")


@_attrs_define
class VariablesView:
    """What applications read to connect, under the names of Railway's own template."""

    variables: VariablesViewVariables
    revealed: bool
    """ False: passwords are written as `***`. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        variables = self.variables.to_dict()

        revealed = self.revealed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "variables": variables,
                "revealed": revealed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.variables_view_variables import VariablesViewVariables  # noqa: PLC0415

        d = dict(src_dict)
        variables = VariablesViewVariables.from_dict(d.pop("variables"))

        revealed = d.pop("revealed")

        variables_view = cls(
            variables=variables,
            revealed=revealed,
        )

        variables_view.additional_properties = d
        return variables_view

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
