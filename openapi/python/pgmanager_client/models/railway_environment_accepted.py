from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_view import JobView


T = TypeVar("T", bound="RailwayEnvironmentAccepted")


@_attrs_define
class RailwayEnvironmentAccepted:
    """An environment at Railway that a job makes or deletes."""

    id: None | str
    """ Null until Railway has made it; the job's result names it. """
    name: str
    services: list[str]
    """ Names of the services that it is made with, or that go with it. """
    data_copied: bool
    """ False: the volumes of a fork are empty. """
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id: None | str
        id = self.id

        name = self.name

        services = self.services

        data_copied = self.data_copied

        job = self.job.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "services": services,
                "data_copied": data_copied,
                "job": job,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view import JobView  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        id = _parse_id(d.pop("id"))

        name = d.pop("name")

        services = cast(list[str], d.pop("services"))

        data_copied = d.pop("data_copied")

        job = JobView.from_dict(d.pop("job"))

        railway_environment_accepted = cls(
            id=id,
            name=name,
            services=services,
            data_copied=data_copied,
            job=job,
        )

        railway_environment_accepted.additional_properties = d
        return railway_environment_accepted

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
