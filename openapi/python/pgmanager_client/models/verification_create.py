from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.verification_level import VerificationLevel
from ..types import UNSET, Unset

T = TypeVar("T", bound="VerificationCreate")


@_attrs_define
class VerificationCreate:
    level: VerificationLevel | Unset = UNSET
    """ Ordered: what passes one of them passes those before. """
    location_id: None | str | Unset = UNSET
    """ Only the copy there, a damaged one too: it counts again when it passes. When null, V0 and V1 look at every
    good copy, V2 at the one that was not looked at for longest. """

    def to_dict(self) -> dict[str, Any]:
        level: str | Unset = UNSET
        if not isinstance(self.level, Unset):
            level = self.level.value

        location_id: None | str | Unset
        if isinstance(self.location_id, Unset):
            location_id = UNSET
        else:
            location_id = self.location_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if level is not UNSET:
            field_dict["level"] = level
        if location_id is not UNSET:
            field_dict["location_id"] = location_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _level = d.pop("level", UNSET)
        level: VerificationLevel | Unset
        if isinstance(_level, Unset):
            level = UNSET
        else:
            level = VerificationLevel(_level)

        def _parse_location_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        location_id = _parse_location_id(d.pop("location_id", UNSET))

        verification_create = cls(
            level=level,
            location_id=location_id,
        )

        return verification_create
