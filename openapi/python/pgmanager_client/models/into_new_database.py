from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="IntoNewDatabase")


@_attrs_define
class IntoNewDatabase:
    """A server of its own, whose default logical database is the restored one."""

    kind: Literal["new_database"]
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    environment_id: None | str | Unset = UNSET
    """ That of the backed up one when not given. """
    provider: Literal["local"] | Unset = "local"
    major: int | None | Unset = UNSET
    """ PostgreSQL major; that of the backup, or the next one here, by default. """

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        name = self.name

        environment_id: None | str | Unset
        if isinstance(self.environment_id, Unset):
            environment_id = UNSET
        else:
            environment_id = self.environment_id

        provider = self.provider

        major: int | None | Unset
        if isinstance(self.major, Unset):
            major = UNSET
        else:
            major = self.major

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "name": name,
            }
        )
        if environment_id is not UNSET:
            field_dict["environment_id"] = environment_id
        if provider is not UNSET:
            field_dict["provider"] = provider
        if major is not UNSET:
            field_dict["major"] = major

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["new_database"], d.pop("kind"))
        if kind != "new_database":
            raise ValueError(f"kind must match const 'new_database', got '{kind}'")

        name = d.pop("name")

        def _parse_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        environment_id = _parse_environment_id(d.pop("environment_id", UNSET))

        provider = cast(Literal["local"] | Unset, d.pop("provider", UNSET))
        if provider != "local" and not isinstance(provider, Unset):
            raise ValueError(f"provider must match const 'local', got '{provider}'")

        def _parse_major(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        major = _parse_major(d.pop("major", UNSET))

        into_new_database = cls(
            kind=kind,
            name=name,
            environment_id=environment_id,
            provider=provider,
            major=major,
        )

        return into_new_database
