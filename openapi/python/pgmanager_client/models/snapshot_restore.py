from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.on_conflict import OnConflict
from ..types import UNSET, Unset

T = TypeVar("T", bound="SnapshotRestore")


@_attrs_define
class SnapshotRestore:
    safety_backup: bool | None | Unset = UNSET
    """ A backup of every logical database first. Null: if the server can be reached and the project has a location;
    the plan says whether. """
    delete_old_volume: bool | Unset = False
    """ Delete the volume that is replaced, and with it its snapshots. Otherwise it stays, unmounted and billed. """
    force: bool | Unset = False
    """ Deploy changes, too, that others have staged in the environment. Needs the scope `railway:force`. """
    on_conflict: OnConflict | Unset = UNSET
    """ What to do when a live job excludes the new one. """

    def to_dict(self) -> dict[str, Any]:
        safety_backup: bool | None | Unset
        if isinstance(self.safety_backup, Unset):
            safety_backup = UNSET
        else:
            safety_backup = self.safety_backup

        delete_old_volume = self.delete_old_volume

        force = self.force

        on_conflict: str | Unset = UNSET
        if not isinstance(self.on_conflict, Unset):
            on_conflict = self.on_conflict.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if safety_backup is not UNSET:
            field_dict["safety_backup"] = safety_backup
        if delete_old_volume is not UNSET:
            field_dict["delete_old_volume"] = delete_old_volume
        if force is not UNSET:
            field_dict["force"] = force
        if on_conflict is not UNSET:
            field_dict["on_conflict"] = on_conflict

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_safety_backup(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        safety_backup = _parse_safety_backup(d.pop("safety_backup", UNSET))

        delete_old_volume = d.pop("delete_old_volume", UNSET)

        force = d.pop("force", UNSET)

        _on_conflict = d.pop("on_conflict", UNSET)
        on_conflict: OnConflict | Unset
        if isinstance(_on_conflict, Unset):
            on_conflict = UNSET
        else:
            on_conflict = OnConflict(_on_conflict)

        snapshot_restore = cls(
            safety_backup=safety_backup,
            delete_old_volume=delete_old_volume,
            force=force,
            on_conflict=on_conflict,
        )

        return snapshot_restore
