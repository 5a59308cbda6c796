from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.endpoint_kind import EndpointKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="ConsumerWish")


@_attrs_define
class ConsumerWish:
    variable: str | Unset = "DATABASE_URL"
    endpoint: EndpointKind | Unset = UNSET
    redeploy: bool | Unset = False
    """ The service sees the variable from its next deployment on; this makes one. """

    def to_dict(self) -> dict[str, Any]:
        variable = self.variable

        endpoint: str | Unset = UNSET
        if not isinstance(self.endpoint, Unset):
            endpoint = self.endpoint.value

        redeploy = self.redeploy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if variable is not UNSET:
            field_dict["variable"] = variable
        if endpoint is not UNSET:
            field_dict["endpoint"] = endpoint
        if redeploy is not UNSET:
            field_dict["redeploy"] = redeploy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        variable = d.pop("variable", UNSET)

        _endpoint = d.pop("endpoint", UNSET)
        endpoint: EndpointKind | Unset
        if isinstance(_endpoint, Unset):
            endpoint = UNSET
        else:
            endpoint = EndpointKind(_endpoint)

        redeploy = d.pop("redeploy", UNSET)

        consumer_wish = cls(
            variable=variable,
            endpoint=endpoint,
            redeploy=redeploy,
        )

        return consumer_wish
