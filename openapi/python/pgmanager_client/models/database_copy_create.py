from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.on_conflict import OnConflict
from ..models.owner_choice import OwnerChoice
from ..types import UNSET, Unset

T = TypeVar("T", bound="DatabaseCopyCreate")


@_attrs_define
class DatabaseCopyCreate:
    target_database_id: str
    """ On whose server the copy is made; may be the same one. """
    name: str
    """ Of the copy. Must be free on the target's server. """
    logical_database: None | str | Unset = UNSET
    """ What is copied; the default one if null. """
    owner_mode: OwnerChoice | Unset = UNSET
    on_conflict: OnConflict | Unset = UNSET
    """ What to do when a live job excludes the new one. """

    def to_dict(self) -> dict[str, Any]:
        target_database_id = self.target_database_id

        name = self.name

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        owner_mode: str | Unset = UNSET
        if not isinstance(self.owner_mode, Unset):
            owner_mode = self.owner_mode.value

        on_conflict: str | Unset = UNSET
        if not isinstance(self.on_conflict, Unset):
            on_conflict = self.on_conflict.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "target_database_id": target_database_id,
                "name": name,
            }
        )
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if owner_mode is not UNSET:
            field_dict["owner_mode"] = owner_mode
        if on_conflict is not UNSET:
            field_dict["on_conflict"] = on_conflict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        target_database_id = d.pop("target_database_id")

        name = d.pop("name")

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        _owner_mode = d.pop("owner_mode", UNSET)
        owner_mode: OwnerChoice | Unset
        if isinstance(_owner_mode, Unset):
            owner_mode = UNSET
        else:
            owner_mode = OwnerChoice(_owner_mode)

        _on_conflict = d.pop("on_conflict", UNSET)
        on_conflict: OnConflict | Unset
        if isinstance(_on_conflict, Unset):
            on_conflict = UNSET
        else:
            on_conflict = OnConflict(_on_conflict)

        database_copy_create = cls(
            target_database_id=target_database_id,
            name=name,
            logical_database=logical_database,
            owner_mode=owner_mode,
            on_conflict=on_conflict,
        )

        return database_copy_create
