from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.budget_verdict import BudgetVerdict

if TYPE_CHECKING:
    from ..models.budget_server import BudgetServer


T = TypeVar("T", bound="BudgetAssessment")


@_attrs_define
class BudgetAssessment:
    """The arithmetic shows how each number came about."""

    verdict: BudgetVerdict
    demand: int
    """ Connections to the server, if every pool is full while everything is deployed. """
    usable: int
    percent: int | None
    """ Demand of usable; null where nothing is usable. """
    arithmetic: list[str]
    warnings: list[str]
    server: BudgetServer
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict = self.verdict.value

        demand = self.demand

        usable = self.usable

        percent: int | None
        percent = self.percent

        arithmetic = self.arithmetic

        warnings = self.warnings

        server = self.server.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "demand": demand,
                "usable": usable,
                "percent": percent,
                "arithmetic": arithmetic,
                "warnings": warnings,
                "server": server,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_server import BudgetServer  # noqa: PLC0415

        d = dict(src_dict)
        verdict = BudgetVerdict(d.pop("verdict"))

        demand = d.pop("demand")

        usable = d.pop("usable")

        def _parse_percent(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        percent = _parse_percent(d.pop("percent"))

        arithmetic = cast(list[str], d.pop("arithmetic"))

        warnings = cast(list[str], d.pop("warnings"))

        server = BudgetServer.from_dict(d.pop("server"))

        budget_assessment = cls(
            verdict=verdict,
            demand=demand,
            usable=usable,
            percent=percent,
            arithmetic=arithmetic,
            warnings=warnings,
            server=server,
        )

        budget_assessment.additional_properties = d
        return budget_assessment

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
