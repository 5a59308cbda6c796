from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.budget_verdict import BudgetVerdict

if TYPE_CHECKING:
    from ..models.budget_assessment import BudgetAssessment


T = TypeVar("T", bound="BudgetCheck")


@_attrs_define
class BudgetCheck:
    """`verdict` is for the deploy to obey."""

    verdict: BudgetVerdict
    before: BudgetAssessment
    """ The arithmetic shows how each number came about. """
    after: BudgetAssessment
    """ The arithmetic shows how each number came about. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict = self.verdict.value

        before = self.before.to_dict()

        after = self.after.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_assessment import BudgetAssessment  # noqa: PLC0415

        d = dict(src_dict)
        verdict = BudgetVerdict(d.pop("verdict"))

        before = BudgetAssessment.from_dict(d.pop("before"))

        after = BudgetAssessment.from_dict(d.pop("after"))

        budget_check = cls(
            verdict=verdict,
            before=before,
            after=after,
        )

        budget_check.additional_properties = d
        return budget_check

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
