from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.database_view import DatabaseView
    from ..models.deletion_plan import DeletionPlan
    from ..models.job_view import JobView
    from ..models.railway_plan import RailwayPlan


T = TypeVar("T", bound="DatabaseAccepted")


@_attrs_define
class DatabaseAccepted:
    """The database as it is now, and the job that changes it; an adopted one is ready at once and has no job."""

    database: DatabaseView
    job: JobView | None
    railway: None | RailwayPlan | Unset = UNSET
    """ For a new one at Railway: what will be made there. """
    plan: DeletionPlan | None | Unset = UNSET
    """ For a deletion: what goes, and what stays. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.deletion_plan import DeletionPlan  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.railway_plan import RailwayPlan  # noqa: PLC0415

        database = self.database.to_dict()

        job: dict[str, Any] | None
        if isinstance(self.job, JobView):
            job = self.job.to_dict()
        else:
            job = self.job

        railway: dict[str, Any] | None | Unset
        if isinstance(self.railway, Unset):
            railway = UNSET
        elif isinstance(self.railway, RailwayPlan):
            railway = self.railway.to_dict()
        else:
            railway = self.railway

        plan: dict[str, Any] | None | Unset
        if isinstance(self.plan, Unset):
            plan = UNSET
        elif isinstance(self.plan, DeletionPlan):
            plan = self.plan.to_dict()
        else:
            plan = self.plan

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database": database,
                "job": job,
            }
        )
        if railway is not UNSET:
            field_dict["railway"] = railway
        if plan is not UNSET:
            field_dict["plan"] = plan

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_view import DatabaseView  # noqa: PLC0415
        from ..models.deletion_plan import DeletionPlan  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.railway_plan import RailwayPlan  # noqa: PLC0415

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

        def _parse_railway(data: object) -> None | RailwayPlan | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                railway_type_0 = RailwayPlan.from_dict(data)

                return railway_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RailwayPlan | Unset, data)

        railway = _parse_railway(d.pop("railway", UNSET))

        def _parse_plan(data: object) -> DeletionPlan | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                plan_type_0 = DeletionPlan.from_dict(data)

                return plan_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DeletionPlan | None | Unset, data)

        plan = _parse_plan(d.pop("plan", UNSET))

        database_accepted = cls(
            database=database,
            job=job,
            railway=railway,
            plan=plan,
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
