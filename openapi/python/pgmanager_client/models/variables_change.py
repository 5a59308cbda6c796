from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.variables_change_set import VariablesChangeSet


T = TypeVar("T", bound="VariablesChange")


@_attrs_define
class VariablesChange:
    """Variables that are named in neither stay as they are."""

    set_: VariablesChangeSet | Unset = UNSET
    unset: list[str] | Unset = UNSET
    redeploy: bool | Unset = False
    """ The server sees them from its next deployment on; this makes one, an outage. """

    def to_dict(self) -> dict[str, Any]:
        set_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.set_, Unset):
            set_ = self.set_.to_dict()

        unset: list[str] | Unset = UNSET
        if not isinstance(self.unset, Unset):
            unset = self.unset

        redeploy = self.redeploy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if set_ is not UNSET:
            field_dict["set"] = set_
        if unset is not UNSET:
            field_dict["unset"] = unset
        if redeploy is not UNSET:
            field_dict["redeploy"] = redeploy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.variables_change_set import VariablesChangeSet  # noqa: PLC0415

        d = dict(src_dict)
        _set_ = d.pop("set", UNSET)
        set_: VariablesChangeSet | Unset
        if isinstance(_set_, Unset):
            set_ = UNSET
        else:
            set_ = VariablesChangeSet.from_dict(_set_)

        unset = cast(list[str], d.pop("unset", UNSET))

        redeploy = d.pop("redeploy", UNSET)

        variables_change = cls(
            set_=set_,
            unset=unset,
            redeploy=redeploy,
        )

        return variables_change
