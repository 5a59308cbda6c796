from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.credential_wish_preset import CredentialWishPreset
from ..types import UNSET, Unset

T = TypeVar("T", bound="CredentialWish")


@_attrs_define
class CredentialWish:
    """A login that ends with the window. Its password is told by `POST …/connection-strings` with `role` and `reveal`."""

    preset: CredentialWishPreset | Unset = CredentialWishPreset.READ
    logical_database: None | str | Unset = UNSET
    """ Null: the default one. """

    def to_dict(self) -> dict[str, Any]:
        preset: str | Unset = UNSET
        if not isinstance(self.preset, Unset):
            preset = self.preset.value

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if preset is not UNSET:
            field_dict["preset"] = preset
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _preset = d.pop("preset", UNSET)
        preset: CredentialWishPreset | Unset
        if isinstance(_preset, Unset):
            preset = UNSET
        else:
            preset = CredentialWishPreset(_preset)

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        credential_wish = cls(
            preset=preset,
            logical_database=logical_database,
        )

        return credential_wish
