from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.layer import Layer
from ..models.layer_status import LayerStatus

if TYPE_CHECKING:
    from ..models.layer_view_facts import LayerViewFacts


T = TypeVar("T", bound="LayerView")


@_attrs_define
class LayerView:
    layer: Layer
    """ In the order in which a connection passes them. """
    status: LayerStatus
    detail: str
    """ What was found. """
    trouble: None | str
    """ Its row in the table of troubles, which the documentation has. """
    remedy: None | str
    """ What to do. """
    facts: LayerViewFacts
    """ What was measured; differs by layer. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        layer = self.layer.value

        status = self.status.value

        detail = self.detail

        trouble: None | str
        trouble = self.trouble

        remedy: None | str
        remedy = self.remedy

        facts = self.facts.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "layer": layer,
                "status": status,
                "detail": detail,
                "trouble": trouble,
                "remedy": remedy,
                "facts": facts,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.layer_view_facts import LayerViewFacts  # noqa: PLC0415

        d = dict(src_dict)
        layer = Layer(d.pop("layer"))

        status = LayerStatus(d.pop("status"))

        detail = d.pop("detail")

        def _parse_trouble(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        trouble = _parse_trouble(d.pop("trouble"))

        def _parse_remedy(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        remedy = _parse_remedy(d.pop("remedy"))

        facts = LayerViewFacts.from_dict(d.pop("facts"))

        layer_view = cls(
            layer=layer,
            status=status,
            detail=detail,
            trouble=trouble,
            remedy=remedy,
            facts=facts,
        )

        layer_view.additional_properties = d
        return layer_view

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
