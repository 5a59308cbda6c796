from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_item import ProblemItem


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """An error (RFC 9457). Some codes add members."""

    type_: str
    """ Documentation of the code. """
    title: str
    status: int
    detail: str
    """ The cause and the way out, for a person. """
    code: str
    """ Stable, for programs. """
    retryable: bool
    """ Whether the same request may succeed later. """
    instance: str | Unset = UNSET
    """ Path of the request. """
    request_id: UUID | Unset = UNSET
    retry_after: int | Unset = UNSET
    """ Seconds. """
    errors: list[ProblemItem] | Unset = UNSET
    blocking_job_id: str | Unset = UNSET
    """ With `JOB_CONFLICT`. """
    required_scope: str | Unset = UNSET
    """ With `SCOPE_MISSING`. """
    cause: None | Problem | Unset = UNSET
    """ What failed before, and led to this. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        code = self.code

        retryable = self.retryable

        instance = self.instance

        request_id: str | Unset = UNSET
        if not isinstance(self.request_id, Unset):
            request_id = str(self.request_id)

        retry_after = self.retry_after

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        blocking_job_id = self.blocking_job_id

        required_scope = self.required_scope

        cause: dict[str, Any] | None | Unset
        if isinstance(self.cause, Unset):
            cause = UNSET
        elif isinstance(self.cause, Problem):
            cause = self.cause.to_dict()
        else:
            cause = self.cause

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "detail": detail,
                "code": code,
                "retryable": retryable,
            }
        )
        if instance is not UNSET:
            field_dict["instance"] = instance
        if request_id is not UNSET:
            field_dict["request_id"] = request_id
        if retry_after is not UNSET:
            field_dict["retry_after"] = retry_after
        if errors is not UNSET:
            field_dict["errors"] = errors
        if blocking_job_id is not UNSET:
            field_dict["blocking_job_id"] = blocking_job_id
        if required_scope is not UNSET:
            field_dict["required_scope"] = required_scope
        if cause is not UNSET:
            field_dict["cause"] = cause

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_item import ProblemItem  # noqa: PLC0415

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        code = d.pop("code")

        retryable = d.pop("retryable")

        instance = d.pop("instance", UNSET)

        _request_id = d.pop("request_id", UNSET)
        request_id: UUID | Unset
        if isinstance(_request_id, Unset):
            request_id = UNSET
        else:
            request_id = UUID(_request_id)

        retry_after = d.pop("retry_after", UNSET)

        _errors = d.pop("errors", UNSET)
        errors: list[ProblemItem] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = ProblemItem.from_dict(errors_item_data)

                errors.append(errors_item)

        blocking_job_id = d.pop("blocking_job_id", UNSET)

        required_scope = d.pop("required_scope", UNSET)

        def _parse_cause(data: object) -> None | Problem | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cause_type_0 = Problem.from_dict(data)

                return cause_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem | Unset, data)

        cause = _parse_cause(d.pop("cause", UNSET))

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            code=code,
            retryable=retryable,
            instance=instance,
            request_id=request_id,
            retry_after=retry_after,
            errors=errors,
            blocking_job_id=blocking_job_id,
            required_scope=required_scope,
            cause=cause,
        )

        problem.additional_properties = d
        return problem

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
