from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.copy_state import CopyState

if TYPE_CHECKING:
    from ..models.problem import Problem


T = TypeVar("T", bound="CopyView")


@_attrs_define
class CopyView:
    """The presence of a backup in one location."""

    location_id: str
    state: CopyState
    is_primary: bool
    """ The dump was streamed to it; the others are copies of its objects. """
    size_bytes: int | None
    tier: None | str
    """ The generation of its policy that it represents. """
    kept_because: list[str] | None
    """ Every reason why its policy keeps it. Null: the policy has not judged it, or nothing keeps it. """
    is_blocked: bool
    """ Superfluous, but one of more than may be deleted at once: released by `/databases/{id}/backup-
    policy:release`. """
    error: None | Problem
    """ A problem document, when the copy failed. Its member objects_left is true when what was copied could not be
    removed; the location then stays in use until the backup is deleted. """
    job_id: None | str
    """ The job that copies or deletes it, or did so last. """
    checked_at: datetime.datetime | None
    """ When all of it was read and had the digests of the manifest. """
    retained_until: datetime.datetime | None
    """ In the state retained: when the store's lock ends and it is deleted. Null: a legal hold, tried daily. """
    lock_mode: None | str
    created_at: datetime.datetime
    completed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        location_id = self.location_id

        state = self.state.value

        is_primary = self.is_primary

        size_bytes: int | None
        size_bytes = self.size_bytes

        tier: None | str
        tier = self.tier

        kept_because: list[str] | None
        if isinstance(self.kept_because, list):
            kept_because = self.kept_because

        else:
            kept_because = self.kept_because

        is_blocked = self.is_blocked

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        job_id: None | str
        job_id = self.job_id

        checked_at: None | str
        if isinstance(self.checked_at, datetime.datetime):
            checked_at = self.checked_at.isoformat()
        else:
            checked_at = self.checked_at

        retained_until: None | str
        if isinstance(self.retained_until, datetime.datetime):
            retained_until = self.retained_until.isoformat()
        else:
            retained_until = self.retained_until

        lock_mode: None | str
        lock_mode = self.lock_mode

        created_at = self.created_at.isoformat()

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "location_id": location_id,
                "state": state,
                "is_primary": is_primary,
                "size_bytes": size_bytes,
                "tier": tier,
                "kept_because": kept_because,
                "is_blocked": is_blocked,
                "error": error,
                "job_id": job_id,
                "checked_at": checked_at,
                "retained_until": retained_until,
                "lock_mode": lock_mode,
                "created_at": created_at,
                "completed_at": completed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        location_id = d.pop("location_id")

        state = CopyState(d.pop("state"))

        is_primary = d.pop("is_primary")

        def _parse_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes"))

        def _parse_tier(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tier = _parse_tier(d.pop("tier"))

        def _parse_kept_because(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                kept_because_type_0 = cast(list[str], data)

                return kept_because_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        kept_because = _parse_kept_because(d.pop("kept_because"))

        is_blocked = d.pop("is_blocked")

        def _parse_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Problem.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        error = _parse_error(d.pop("error"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        def _parse_checked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                checked_at_type_0 = datetime.datetime.fromisoformat(data)

                return checked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        checked_at = _parse_checked_at(d.pop("checked_at"))

        def _parse_retained_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                retained_until_type_0 = datetime.datetime.fromisoformat(data)

                return retained_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        retained_until = _parse_retained_until(d.pop("retained_until"))

        def _parse_lock_mode(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        lock_mode = _parse_lock_mode(d.pop("lock_mode"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_completed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        completed_at = _parse_completed_at(d.pop("completed_at"))

        copy_view = cls(
            location_id=location_id,
            state=state,
            is_primary=is_primary,
            size_bytes=size_bytes,
            tier=tier,
            kept_because=kept_because,
            is_blocked=is_blocked,
            error=error,
            job_id=job_id,
            checked_at=checked_at,
            retained_until=retained_until,
            lock_mode=lock_mode,
            created_at=created_at,
            completed_at=completed_at,
        )

        copy_view.additional_properties = d
        return copy_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
