from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.change_state import ChangeState

if TYPE_CHECKING:
    from ..models.problem import Problem
    from ..models.setting_change_view_after import SettingChangeViewAfter
    from ..models.setting_change_view_before import SettingChangeViewBefore


T = TypeVar("T", bound="SettingChangeView")


@_attrs_define
class SettingChangeView:
    id: str
    database_id: str
    state: ChangeState
    logical_database: None | str
    role: None | str
    before: SettingChangeViewBefore
    """ Null: nobody had set it there. """
    after: SettingChangeViewAfter
    """ Null: it was taken away. """
    undoes_id: None | str
    job_id: None | str
    problem: None | Problem
    created_by: str
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        database_id = self.database_id

        state = self.state.value

        logical_database: None | str
        logical_database = self.logical_database

        role: None | str
        role = self.role

        before = self.before.to_dict()

        after = self.after.to_dict()

        undoes_id: None | str
        undoes_id = self.undoes_id

        job_id: None | str
        job_id = self.job_id

        problem: dict[str, Any] | None
        if isinstance(self.problem, Problem):
            problem = self.problem.to_dict()
        else:
            problem = self.problem

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "database_id": database_id,
                "state": state,
                "logical_database": logical_database,
                "role": role,
                "before": before,
                "after": after,
                "undoes_id": undoes_id,
                "job_id": job_id,
                "problem": problem,
                "created_by": created_by,
                "created_at": created_at,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.setting_change_view_after import SettingChangeViewAfter  # noqa: PLC0415
        from ..models.setting_change_view_before import SettingChangeViewBefore  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        database_id = d.pop("database_id")

        state = ChangeState(d.pop("state"))

        def _parse_logical_database(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        logical_database = _parse_logical_database(d.pop("logical_database"))

        def _parse_role(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        role = _parse_role(d.pop("role"))

        before = SettingChangeViewBefore.from_dict(d.pop("before"))

        after = SettingChangeViewAfter.from_dict(d.pop("after"))

        def _parse_undoes_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        undoes_id = _parse_undoes_id(d.pop("undoes_id"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        def _parse_problem(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                problem_type_0 = Problem.from_dict(data)

                return problem_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        problem = _parse_problem(d.pop("problem"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        setting_change_view = cls(
            id=id,
            database_id=database_id,
            state=state,
            logical_database=logical_database,
            role=role,
            before=before,
            after=after,
            undoes_id=undoes_id,
            job_id=job_id,
            problem=problem,
            created_by=created_by,
            created_at=created_at,
            ended_at=ended_at,
        )

        setting_change_view.additional_properties = d
        return setting_change_view

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
