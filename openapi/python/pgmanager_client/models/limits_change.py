from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="LimitsChange")


@_attrs_define
class LimitsChange:
    """What is absent or null stays as it is."""

    memory_gb: float | None | Unset = UNSET
    vcpus: float | None | Unset = UNSET
    redeploy: bool | Unset = False
    """ Limits hold from the next deployment on; this makes one, an outage. """

    def to_dict(self) -> dict[str, Any]:
        memory_gb: float | None | Unset
        if isinstance(self.memory_gb, Unset):
            memory_gb = UNSET
        else:
            memory_gb = self.memory_gb

        vcpus: float | None | Unset
        if isinstance(self.vcpus, Unset):
            vcpus = UNSET
        else:
            vcpus = self.vcpus

        redeploy = self.redeploy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if memory_gb is not UNSET:
            field_dict["memory_gb"] = memory_gb
        if vcpus is not UNSET:
            field_dict["vcpus"] = vcpus
        if redeploy is not UNSET:
            field_dict["redeploy"] = redeploy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_memory_gb(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        memory_gb = _parse_memory_gb(d.pop("memory_gb", UNSET))

        def _parse_vcpus(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        vcpus = _parse_vcpus(d.pop("vcpus", UNSET))

        redeploy = d.pop("redeploy", UNSET)

        limits_change = cls(
            memory_gb=memory_gb,
            vcpus=vcpus,
            redeploy=redeploy,
        )

        return limits_change
