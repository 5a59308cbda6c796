from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.probe_view_seconds import ProbeViewSeconds
    from ..models.problem import Problem


T = TypeVar("T", bound="ProbeView")


@_attrs_define
class ProbeView:
    """How trying out a location went. That it failed is the finding here, not an error of the request."""

    passed: bool
    error: None | Problem
    """ The problem document of the step that failed. """
    honours_if_none_match: bool
    lists_uploads: bool
    keeps_versions: bool
    """ A deletion there would only hide an object, so all versions are deleted. """
    object_lock: bool
    clock_skew_seconds: float
    seconds: ProbeViewSeconds
    """ Time taken by each step. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        passed = self.passed

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        honours_if_none_match = self.honours_if_none_match

        lists_uploads = self.lists_uploads

        keeps_versions = self.keeps_versions

        object_lock = self.object_lock

        clock_skew_seconds = self.clock_skew_seconds

        seconds = self.seconds.to_dict()

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "passed": passed,
                "error": error,
                "honours_if_none_match": honours_if_none_match,
                "lists_uploads": lists_uploads,
                "keeps_versions": keeps_versions,
                "object_lock": object_lock,
                "clock_skew_seconds": clock_skew_seconds,
                "seconds": seconds,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.probe_view_seconds import ProbeViewSeconds  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        passed = d.pop("passed")

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

        honours_if_none_match = d.pop("honours_if_none_match")

        lists_uploads = d.pop("lists_uploads")

        keeps_versions = d.pop("keeps_versions")

        object_lock = d.pop("object_lock")

        clock_skew_seconds = d.pop("clock_skew_seconds")

        seconds = ProbeViewSeconds.from_dict(d.pop("seconds"))

        warnings = cast(list[str], d.pop("warnings"))

        probe_view = cls(
            passed=passed,
            error=error,
            honours_if_none_match=honours_if_none_match,
            lists_uploads=lists_uploads,
            keeps_versions=keeps_versions,
            object_lock=object_lock,
            clock_skew_seconds=clock_skew_seconds,
            seconds=seconds,
            warnings=warnings,
        )

        probe_view.additional_properties = d
        return probe_view

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
