from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.budget_assessment import BudgetAssessment
    from ..models.pool_holder import PoolHolder
    from ..models.pooler_shape import PoolerShape


T = TypeVar("T", bound="BudgetView")


@_attrs_define
class BudgetView:
    """What is declared, and how the server stands to it now."""

    database_id: str
    consumers: list[PoolHolder]
    pooler: None | PoolerShape
    assessment: BudgetAssessment | None
    """ Null while the server cannot be asked. """
    unassessed_because: None | str
    updated_at: datetime.datetime | None
    """ Null: nothing was declared yet. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.budget_assessment import BudgetAssessment  # noqa: PLC0415
        from ..models.pooler_shape import PoolerShape  # noqa: PLC0415

        database_id = self.database_id

        consumers = []
        for consumers_item_data in self.consumers:
            consumers_item = consumers_item_data.to_dict()
            consumers.append(consumers_item)

        pooler: dict[str, Any] | None
        if isinstance(self.pooler, PoolerShape):
            pooler = self.pooler.to_dict()
        else:
            pooler = self.pooler

        assessment: dict[str, Any] | None
        if isinstance(self.assessment, BudgetAssessment):
            assessment = self.assessment.to_dict()
        else:
            assessment = self.assessment

        unassessed_because: None | str
        unassessed_because = self.unassessed_because

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database_id": database_id,
                "consumers": consumers,
                "pooler": pooler,
                "assessment": assessment,
                "unassessed_because": unassessed_because,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_assessment import BudgetAssessment  # noqa: PLC0415
        from ..models.pool_holder import PoolHolder  # noqa: PLC0415
        from ..models.pooler_shape import PoolerShape  # noqa: PLC0415

        d = dict(src_dict)
        database_id = d.pop("database_id")

        consumers = []
        _consumers = d.pop("consumers")
        for consumers_item_data in _consumers:
            consumers_item = PoolHolder.from_dict(consumers_item_data)

            consumers.append(consumers_item)

        def _parse_pooler(data: object) -> None | PoolerShape:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pooler_type_0 = PoolerShape.from_dict(data)

                return pooler_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PoolerShape, data)

        pooler = _parse_pooler(d.pop("pooler"))

        def _parse_assessment(data: object) -> BudgetAssessment | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                assessment_type_0 = BudgetAssessment.from_dict(data)

                return assessment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BudgetAssessment | None, data)

        assessment = _parse_assessment(d.pop("assessment"))

        def _parse_unassessed_because(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unassessed_because = _parse_unassessed_because(d.pop("unassessed_because"))

        def _parse_updated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        updated_at = _parse_updated_at(d.pop("updated_at"))

        budget_view = cls(
            database_id=database_id,
            consumers=consumers,
            pooler=pooler,
            assessment=assessment,
            unassessed_because=unassessed_because,
            updated_at=updated_at,
        )

        budget_view.additional_properties = d
        return budget_view

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
