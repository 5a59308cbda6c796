from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.temporary_credential_create_preset import TemporaryCredentialCreatePreset
from ..types import UNSET, Unset

T = TypeVar("T", bound="TemporaryCredentialCreate")


@_attrs_define
class TemporaryCredentialCreate:
    ttl_seconds: int
    """ 7 days at most. """
    reason: str
    """ What it is for; it stands in the trail. """
    preset: TemporaryCredentialCreatePreset | Unset = TemporaryCredentialCreatePreset.READ
    schemas: list[str] | None | Unset = UNSET
    """ Null: all. """
    logical_database: None | str | Unset = UNSET
    """ Null: the default one. """
    address_note: None | str | Unset = UNSET
    """ From where it is meant to be used. Not enforced. """

    def to_dict(self) -> dict[str, Any]:
        ttl_seconds = self.ttl_seconds

        reason = self.reason

        preset: str | Unset = UNSET
        if not isinstance(self.preset, Unset):
            preset = self.preset.value

        schemas: list[str] | None | Unset
        if isinstance(self.schemas, Unset):
            schemas = UNSET
        elif isinstance(self.schemas, list):
            schemas = self.schemas

        else:
            schemas = self.schemas

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        address_note: None | str | Unset
        if isinstance(self.address_note, Unset):
            address_note = UNSET
        else:
            address_note = self.address_note

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ttl_seconds": ttl_seconds,
                "reason": reason,
            }
        )
        if preset is not UNSET:
            field_dict["preset"] = preset
        if schemas is not UNSET:
            field_dict["schemas"] = schemas
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if address_note is not UNSET:
            field_dict["address_note"] = address_note

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ttl_seconds = d.pop("ttl_seconds")

        reason = d.pop("reason")

        _preset = d.pop("preset", UNSET)
        preset: TemporaryCredentialCreatePreset | Unset
        if isinstance(_preset, Unset):
            preset = UNSET
        else:
            preset = TemporaryCredentialCreatePreset(_preset)

        def _parse_schemas(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                schemas_type_0 = cast(list[str], data)

                return schemas_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        schemas = _parse_schemas(d.pop("schemas", UNSET))

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        def _parse_address_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        address_note = _parse_address_note(d.pop("address_note", UNSET))

        temporary_credential_create = cls(
            ttl_seconds=ttl_seconds,
            reason=reason,
            preset=preset,
            schemas=schemas,
            logical_database=logical_database,
            address_note=address_note,
        )

        return temporary_credential_create
