from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.database_view import DatabaseView
    from ..models.job_view import JobView


T = TypeVar("T", bound="DatabaseAccepted")


@_attrs_define
class DatabaseAccepted:
    """The database as it is now, and the job that changes it; an adopted one is ready at once and has no job."""

    database: DatabaseView
    job: JobView | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_view import JobView  # noqa: PLC0415

        database = self.database.to_dict()

        job: dict[str, Any] | None
        if isinstance(self.job, JobView):
            job = self.job.to_dict()
        else:
            job = self.job

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database": database,
                "job": job,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_view import DatabaseView  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415

        d = dict(src_dict)
        database = DatabaseView.from_dict(d.pop("database"))

        def _parse_job(data: object) -> JobView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                job_type_0 = JobView.from_dict(data)

                return job_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobView | None, data)

        job = _parse_job(d.pop("job"))

        database_accepted = cls(
            database=database,
            job=job,
        )

        database_accepted.additional_properties = d
        return database_accepted

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
