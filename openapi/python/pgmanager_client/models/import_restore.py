from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.on_conflict import OnConflict
from ..models.owner_statements import OwnerStatements
from ..types import UNSET, Unset

T = TypeVar("T", bound="ImportRestore")


@_attrs_define
class ImportRestore:
    """Plain SQL is code, so it is run by a role that is made for it and may do nothing else."""

    name: str
    """ The new logical database. Must be free on the server. """
    database_id: None | str | Unset = UNSET
    """ On whose server; the import's own when null. """
    owner: None | str | Unset = UNSET
    """ The role that gets everything; it must exist. When null that is our login, or, where that is a superuser, a
    role without a login that is made for it: functions of indexes and triggers run with their owner's rights, and
    those of a file from elsewhere must not run as a superuser by themselves. """
    owner_mode: OwnerStatements | Unset = UNSET
    extensions: list[str] | Unset = UNSET
    """ Made by our login before the file is run: those that only superusers may make. """
    on_conflict: OnConflict | Unset = UNSET
    """ What to do when a live job excludes the new one. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        database_id: None | str | Unset
        if isinstance(self.database_id, Unset):
            database_id = UNSET
        else:
            database_id = self.database_id

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        owner_mode: str | Unset = UNSET
        if not isinstance(self.owner_mode, Unset):
            owner_mode = self.owner_mode.value

        extensions: list[str] | Unset = UNSET
        if not isinstance(self.extensions, Unset):
            extensions = self.extensions

        on_conflict: str | Unset = UNSET
        if not isinstance(self.on_conflict, Unset):
            on_conflict = self.on_conflict.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
            }
        )
        if database_id is not UNSET:
            field_dict["database_id"] = database_id
        if owner is not UNSET:
            field_dict["owner"] = owner
        if owner_mode is not UNSET:
            field_dict["owner_mode"] = owner_mode
        if extensions is not UNSET:
            field_dict["extensions"] = extensions
        if on_conflict is not UNSET:
            field_dict["on_conflict"] = on_conflict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_database_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        database_id = _parse_database_id(d.pop("database_id", UNSET))

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        _owner_mode = d.pop("owner_mode", UNSET)
        owner_mode: OwnerStatements | Unset
        if isinstance(_owner_mode, Unset):
            owner_mode = UNSET
        else:
            owner_mode = OwnerStatements(_owner_mode)

        extensions = cast(list[str], d.pop("extensions", UNSET))

        _on_conflict = d.pop("on_conflict", UNSET)
        on_conflict: OnConflict | Unset
        if isinstance(_on_conflict, Unset):
            on_conflict = UNSET
        else:
            on_conflict = OnConflict(_on_conflict)

        import_restore = cls(
            name=name,
            database_id=database_id,
            owner=owner,
            owner_mode=owner_mode,
            extensions=extensions,
            on_conflict=on_conflict,
        )

        return import_restore
