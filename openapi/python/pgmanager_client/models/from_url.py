from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

T = TypeVar("T", bound="FromUrl")


@_attrs_define
class FromUrl:
    """A file on the web. No redirect is followed; private addresses are refused unless the operator allows them."""

    kind: Literal["url"]
    url: str
    """ May be a presigned one: it is kept sealed, and only until it was read. """

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        url = self.url

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "url": url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["url"], d.pop("kind"))
        if kind != "url":
            raise ValueError(f"kind must match const 'url', got '{kind}'")

        url = d.pop("url")

        from_url = cls(
            kind=kind,
            url=url,
        )

        return from_url
