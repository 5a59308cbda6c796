from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.on_rows import OnRows
from ..models.owner_mode import OwnerMode
from ..models.parts import Parts
from ..models.restore_state import RestoreState
from ..models.target_kind import TargetKind

if TYPE_CHECKING:
    from ..models.problem import Problem
    from ..models.relation_view import RelationView
    from ..models.restore_report import RestoreReport
    from ..models.restore_view_role_map import RestoreViewRoleMap


T = TypeVar("T", bound="RestoreView")


@_attrs_define
class RestoreView:
    """One restore."""

    id: str
    project_id: str
    backup_id: str
    state: RestoreState
    target_kind: TargetKind
    database_id: str
    logical_database: str
    parts: Parts
    tables: list[RelationView] | None
    into_schema: None | str
    """ Where selected tables are restored to, in the logical database. """
    on_rows: None | OnRows
    owner_mode: OwnerMode
    role_map: RestoreViewRoleMap
    equal: bool | None
    """ Whether all counts met the manifest; null until they were compared. """
    previous_database: None | str
    """ What stands beside after a restore in place: the replaced database, or the restored one once undone.
    `:confirm` drops it. """
    safety_backup_id: None | str
    job_id: None | str
    error: None | Problem
    """ A problem document, when the restore failed. """
    created_by: str
    created_at: datetime.datetime
    finished_at: datetime.datetime | None
    confirmed_at: datetime.datetime | None
    report: None | RestoreReport
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.restore_report import RestoreReport  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        backup_id = self.backup_id

        state = self.state.value

        target_kind = self.target_kind.value

        database_id = self.database_id

        logical_database = self.logical_database

        parts = self.parts.value

        tables: list[dict[str, Any]] | None
        if isinstance(self.tables, list):
            tables = []
            for tables_type_0_item_data in self.tables:
                tables_type_0_item = tables_type_0_item_data.to_dict()
                tables.append(tables_type_0_item)

        else:
            tables = self.tables

        into_schema: None | str
        into_schema = self.into_schema

        on_rows: None | str
        if isinstance(self.on_rows, OnRows):
            on_rows = self.on_rows.value
        else:
            on_rows = self.on_rows

        owner_mode = self.owner_mode.value

        role_map = self.role_map.to_dict()

        equal: bool | None
        equal = self.equal

        previous_database: None | str
        previous_database = self.previous_database

        safety_backup_id: None | str
        safety_backup_id = self.safety_backup_id

        job_id: None | str
        job_id = self.job_id

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        confirmed_at: None | str
        if isinstance(self.confirmed_at, datetime.datetime):
            confirmed_at = self.confirmed_at.isoformat()
        else:
            confirmed_at = self.confirmed_at

        report: dict[str, Any] | None
        if isinstance(self.report, RestoreReport):
            report = self.report.to_dict()
        else:
            report = self.report

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "backup_id": backup_id,
                "state": state,
                "target_kind": target_kind,
                "database_id": database_id,
                "logical_database": logical_database,
                "parts": parts,
                "tables": tables,
                "into_schema": into_schema,
                "on_rows": on_rows,
                "owner_mode": owner_mode,
                "role_map": role_map,
                "equal": equal,
                "previous_database": previous_database,
                "safety_backup_id": safety_backup_id,
                "job_id": job_id,
                "error": error,
                "created_by": created_by,
                "created_at": created_at,
                "finished_at": finished_at,
                "confirmed_at": confirmed_at,
                "report": report,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.relation_view import RelationView  # noqa: PLC0415
        from ..models.restore_report import RestoreReport  # noqa: PLC0415
        from ..models.restore_view_role_map import RestoreViewRoleMap  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        backup_id = d.pop("backup_id")

        state = RestoreState(d.pop("state"))

        target_kind = TargetKind(d.pop("target_kind"))

        database_id = d.pop("database_id")

        logical_database = d.pop("logical_database")

        parts = Parts(d.pop("parts"))

        def _parse_tables(data: object) -> list[RelationView] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tables_type_0 = []
                _tables_type_0 = data
                for tables_type_0_item_data in _tables_type_0:
                    tables_type_0_item = RelationView.from_dict(tables_type_0_item_data)

                    tables_type_0.append(tables_type_0_item)

                return tables_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[RelationView] | None, data)

        tables = _parse_tables(d.pop("tables"))

        def _parse_into_schema(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        into_schema = _parse_into_schema(d.pop("into_schema"))

        def _parse_on_rows(data: object) -> None | OnRows:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                on_rows_type_0 = OnRows(data)

                return on_rows_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OnRows, data)

        on_rows = _parse_on_rows(d.pop("on_rows"))

        owner_mode = OwnerMode(d.pop("owner_mode"))

        role_map = RestoreViewRoleMap.from_dict(d.pop("role_map"))

        def _parse_equal(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        equal = _parse_equal(d.pop("equal"))

        def _parse_previous_database(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        previous_database = _parse_previous_database(d.pop("previous_database"))

        def _parse_safety_backup_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        safety_backup_id = _parse_safety_backup_id(d.pop("safety_backup_id"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

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

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        def _parse_confirmed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                confirmed_at_type_0 = datetime.datetime.fromisoformat(data)

                return confirmed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        confirmed_at = _parse_confirmed_at(d.pop("confirmed_at"))

        def _parse_report(data: object) -> None | RestoreReport:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                report_type_0 = RestoreReport.from_dict(data)

                return report_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RestoreReport, data)

        report = _parse_report(d.pop("report"))

        restore_view = cls(
            id=id,
            project_id=project_id,
            backup_id=backup_id,
            state=state,
            target_kind=target_kind,
            database_id=database_id,
            logical_database=logical_database,
            parts=parts,
            tables=tables,
            into_schema=into_schema,
            on_rows=on_rows,
            owner_mode=owner_mode,
            role_map=role_map,
            equal=equal,
            previous_database=previous_database,
            safety_backup_id=safety_backup_id,
            job_id=job_id,
            error=error,
            created_by=created_by,
            created_at=created_at,
            finished_at=finished_at,
            confirmed_at=confirmed_at,
            report=report,
        )

        restore_view.additional_properties = d
        return restore_view

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
