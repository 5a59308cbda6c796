from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_state import JobState

if TYPE_CHECKING:
    from ..models.job_view_links import JobViewLinks
    from ..models.job_view_result_type_0 import JobViewResultType0
    from ..models.problem import Problem
    from ..models.progress import Progress


T = TypeVar("T", bound="JobView")


@_attrs_define
class JobView:
    """A long action: what it is about, how far it is, how it ended."""

    id: str
    kind: str
    state: JobState
    done: bool
    """ True in the final states succeeded, failed and cancelled; nothing changes then. """
    project_id: None | str
    database_id: None | str
    subject_id: None | str
    """ The resource that the job makes or changes. """
    waiting_for: None | str
    """ Also of a queued job that no worker takes, where that can be told. """
    attempt: int
    max_attempts: int
    next_attempt_at: datetime.datetime | None
    progress: Progress
    """ Numbers are of the current step. ``percent`` and ``eta_seconds`` are null as long as they would be guesses.
    """
    warnings: list[str]
    result: JobViewResultType0 | None
    error: None | Problem
    """ When the job failed. """
    last_error: None | Problem
    """ Why the last attempt failed, when there will be another. """
    cancellable: bool
    cancel_requested_at: datetime.datetime | None
    parent_id: None | str
    retry_of: None | str
    created_by: str
    request_id: None | str
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    deadline_at: datetime.datetime | None
    """ When a job of this kind that is still running is stopped. """
    finished_at: datetime.datetime | None
    links: JobViewLinks
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_view_result_type_0 import JobViewResultType0  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        kind = self.kind

        state = self.state.value

        done = self.done

        project_id: None | str
        project_id = self.project_id

        database_id: None | str
        database_id = self.database_id

        subject_id: None | str
        subject_id = self.subject_id

        waiting_for: None | str
        waiting_for = self.waiting_for

        attempt = self.attempt

        max_attempts = self.max_attempts

        next_attempt_at: None | str
        if isinstance(self.next_attempt_at, datetime.datetime):
            next_attempt_at = self.next_attempt_at.isoformat()
        else:
            next_attempt_at = self.next_attempt_at

        progress = self.progress.to_dict()

        warnings = self.warnings

        result: dict[str, Any] | None
        if isinstance(self.result, JobViewResultType0):
            result = self.result.to_dict()
        else:
            result = self.result

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        last_error: dict[str, Any] | None
        if isinstance(self.last_error, Problem):
            last_error = self.last_error.to_dict()
        else:
            last_error = self.last_error

        cancellable = self.cancellable

        cancel_requested_at: None | str
        if isinstance(self.cancel_requested_at, datetime.datetime):
            cancel_requested_at = self.cancel_requested_at.isoformat()
        else:
            cancel_requested_at = self.cancel_requested_at

        parent_id: None | str
        parent_id = self.parent_id

        retry_of: None | str
        retry_of = self.retry_of

        created_by = self.created_by

        request_id: None | str
        request_id = self.request_id

        created_at = self.created_at.isoformat()

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        deadline_at: None | str
        if isinstance(self.deadline_at, datetime.datetime):
            deadline_at = self.deadline_at.isoformat()
        else:
            deadline_at = self.deadline_at

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        links = self.links.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "state": state,
                "done": done,
                "project_id": project_id,
                "database_id": database_id,
                "subject_id": subject_id,
                "waiting_for": waiting_for,
                "attempt": attempt,
                "max_attempts": max_attempts,
                "next_attempt_at": next_attempt_at,
                "progress": progress,
                "warnings": warnings,
                "result": result,
                "error": error,
                "last_error": last_error,
                "cancellable": cancellable,
                "cancel_requested_at": cancel_requested_at,
                "parent_id": parent_id,
                "retry_of": retry_of,
                "created_by": created_by,
                "request_id": request_id,
                "created_at": created_at,
                "started_at": started_at,
                "deadline_at": deadline_at,
                "finished_at": finished_at,
                "links": links,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view_links import JobViewLinks  # noqa: PLC0415
        from ..models.job_view_result_type_0 import JobViewResultType0  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.progress import Progress  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        kind = d.pop("kind")

        state = JobState(d.pop("state"))

        done = d.pop("done")

        def _parse_project_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        project_id = _parse_project_id(d.pop("project_id"))

        def _parse_database_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        database_id = _parse_database_id(d.pop("database_id"))

        def _parse_subject_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        subject_id = _parse_subject_id(d.pop("subject_id"))

        def _parse_waiting_for(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        waiting_for = _parse_waiting_for(d.pop("waiting_for"))

        attempt = d.pop("attempt")

        max_attempts = d.pop("max_attempts")

        def _parse_next_attempt_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_attempt_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_attempt_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_attempt_at = _parse_next_attempt_at(d.pop("next_attempt_at"))

        progress = Progress.from_dict(d.pop("progress"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_result(data: object) -> JobViewResultType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                result_type_0 = JobViewResultType0.from_dict(data)

                return result_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobViewResultType0 | None, data)

        result = _parse_result(d.pop("result"))

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

        def _parse_last_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                last_error_type_0 = Problem.from_dict(data)

                return last_error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        last_error = _parse_last_error(d.pop("last_error"))

        cancellable = d.pop("cancellable")

        def _parse_cancel_requested_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cancel_requested_at_type_0 = datetime.datetime.fromisoformat(data)

                return cancel_requested_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        cancel_requested_at = _parse_cancel_requested_at(d.pop("cancel_requested_at"))

        def _parse_parent_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        parent_id = _parse_parent_id(d.pop("parent_id"))

        def _parse_retry_of(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        retry_of = _parse_retry_of(d.pop("retry_of"))

        created_by = d.pop("created_by")

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_deadline_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deadline_at_type_0 = datetime.datetime.fromisoformat(data)

                return deadline_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        deadline_at = _parse_deadline_at(d.pop("deadline_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        links = JobViewLinks.from_dict(d.pop("links"))

        job_view = cls(
            id=id,
            kind=kind,
            state=state,
            done=done,
            project_id=project_id,
            database_id=database_id,
            subject_id=subject_id,
            waiting_for=waiting_for,
            attempt=attempt,
            max_attempts=max_attempts,
            next_attempt_at=next_attempt_at,
            progress=progress,
            warnings=warnings,
            result=result,
            error=error,
            last_error=last_error,
            cancellable=cancellable,
            cancel_requested_at=cancel_requested_at,
            parent_id=parent_id,
            retry_of=retry_of,
            created_by=created_by,
            request_id=request_id,
            created_at=created_at,
            started_at=started_at,
            deadline_at=deadline_at,
            finished_at=finished_at,
            links=links,
        )

        job_view.additional_properties = d
        return job_view

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
