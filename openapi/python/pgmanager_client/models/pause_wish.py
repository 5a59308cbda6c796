from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PauseWish")


@_attrs_define
class PauseWish:
    """Clients wait, and no connection to the server is in use, until it is resumed."""

    pool: None | str | Unset = UNSET
    """ Absent: all of them. """
    max_seconds: int | Unset = 300
    """ After which it resumes by itself, whatever happens. """
    wait_seconds: float | Unset = 10.0
    """ How long transactions that run are waited for. """

    def to_dict(self) -> dict[str, Any]:
        pool: None | str | Unset
        if isinstance(self.pool, Unset):
            pool = UNSET
        else:
            pool = self.pool

        max_seconds = self.max_seconds

        wait_seconds = self.wait_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if pool is not UNSET:
            field_dict["pool"] = pool
        if max_seconds is not UNSET:
            field_dict["max_seconds"] = max_seconds
        if wait_seconds is not UNSET:
            field_dict["wait_seconds"] = wait_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_pool(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pool = _parse_pool(d.pop("pool", UNSET))

        max_seconds = d.pop("max_seconds", UNSET)

        wait_seconds = d.pop("wait_seconds", UNSET)

        pause_wish = cls(
            pool=pool,
            max_seconds=max_seconds,
            wait_seconds=wait_seconds,
        )

        return pause_wish
