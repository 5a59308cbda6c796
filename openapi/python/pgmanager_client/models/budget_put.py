from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pool_holder import PoolHolder
    from ..models.pooler_shape import PoolerShape


T = TypeVar("T", bound="BudgetPut")


@_attrs_define
class BudgetPut:
    consumers: list[PoolHolder]
    pooler: None | PoolerShape | Unset = UNSET
    """ Goes before what is on record of a pooler. Null: the pooler of this database, if any. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.pooler_shape import PoolerShape  # noqa: PLC0415

        consumers = []
        for consumers_item_data in self.consumers:
            consumers_item = consumers_item_data.to_dict()
            consumers.append(consumers_item)

        pooler: dict[str, Any] | None | Unset
        if isinstance(self.pooler, Unset):
            pooler = UNSET
        elif isinstance(self.pooler, PoolerShape):
            pooler = self.pooler.to_dict()
        else:
            pooler = self.pooler

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "consumers": consumers,
            }
        )
        if pooler is not UNSET:
            field_dict["pooler"] = pooler

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pool_holder import PoolHolder  # noqa: PLC0415
        from ..models.pooler_shape import PoolerShape  # noqa: PLC0415

        d = dict(src_dict)
        consumers = []
        _consumers = d.pop("consumers")
        for consumers_item_data in _consumers:
            consumers_item = PoolHolder.from_dict(consumers_item_data)

            consumers.append(consumers_item)

        def _parse_pooler(data: object) -> None | PoolerShape | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pooler_type_0 = PoolerShape.from_dict(data)

                return pooler_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PoolerShape | Unset, data)

        pooler = _parse_pooler(d.pop("pooler", UNSET))

        budget_put = cls(
            consumers=consumers,
            pooler=pooler,
        )

        return budget_put
