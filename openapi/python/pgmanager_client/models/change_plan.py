from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate
    from ..models.reference_view import ReferenceView


T = TypeVar("T", bound="ChangePlan")


@_attrs_define
class ChangePlan:
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    outage: None | str
    """ Null: the server goes on answering. """
    warnings: list[str]
    cost: CostEstimate | None
    """ An estimate of what it will cost by the month; null: as before. """
    references: list[ReferenceView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415

        steps = self.steps

        outage: None | str
        outage = self.outage

        warnings = self.warnings

        cost: dict[str, Any] | None
        if isinstance(self.cost, CostEstimate):
            cost = self.cost.to_dict()
        else:
            cost = self.cost

        references = []
        for references_item_data in self.references:
            references_item = references_item_data.to_dict()
            references.append(references_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "steps": steps,
                "outage": outage,
                "warnings": warnings,
                "cost": cost,
                "references": references,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415
        from ..models.reference_view import ReferenceView  # noqa: PLC0415

        d = dict(src_dict)
        steps = cast(list[str], d.pop("steps"))

        def _parse_outage(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        outage = _parse_outage(d.pop("outage"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_cost(data: object) -> CostEstimate | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cost_type_0 = CostEstimate.from_dict(data)

                return cost_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CostEstimate | None, data)

        cost = _parse_cost(d.pop("cost"))

        references = []
        _references = d.pop("references")
        for references_item_data in _references:
            references_item = ReferenceView.from_dict(references_item_data)

            references.append(references_item)

        change_plan = cls(
            steps=steps,
            outage=outage,
            warnings=warnings,
            cost=cost,
            references=references,
        )

        change_plan.additional_properties = d
        return change_plan

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
