from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.intent_outcome import IntentOutcome

if TYPE_CHECKING:
    from ..models.intent_view_made import IntentViewMade
    from ..models.intent_view_plan import IntentViewPlan


T = TypeVar("T", bound="IntentView")


@_attrs_define
class IntentView:
    """A change at Railway that a job set out to make, written before its first request.

    While one is open, nobody else of this service changes that environment.

    """

    connection_id: str
    railway_environment_id: str
    """ While an environment is being made: its project. """
    job_id: str
    operation: str
    plan: IntentViewPlan
    """ By what its work is found again. """
    made: IntentViewMade
    """ What it has made so far. """
    opened_at: datetime.datetime
    closed_at: datetime.datetime | None
    outcome: IntentOutcome | None
    """ `given_up`: its job ended without saying what became of it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        connection_id = self.connection_id

        railway_environment_id = self.railway_environment_id

        job_id = self.job_id

        operation = self.operation

        plan = self.plan.to_dict()

        made = self.made.to_dict()

        opened_at = self.opened_at.isoformat()

        closed_at: None | str
        if isinstance(self.closed_at, datetime.datetime):
            closed_at = self.closed_at.isoformat()
        else:
            closed_at = self.closed_at

        outcome: None | str
        if isinstance(self.outcome, IntentOutcome):
            outcome = self.outcome.value
        else:
            outcome = self.outcome

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "connection_id": connection_id,
                "railway_environment_id": railway_environment_id,
                "job_id": job_id,
                "operation": operation,
                "plan": plan,
                "made": made,
                "opened_at": opened_at,
                "closed_at": closed_at,
                "outcome": outcome,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.intent_view_made import IntentViewMade  # noqa: PLC0415
        from ..models.intent_view_plan import IntentViewPlan  # noqa: PLC0415

        d = dict(src_dict)
        connection_id = d.pop("connection_id")

        railway_environment_id = d.pop("railway_environment_id")

        job_id = d.pop("job_id")

        operation = d.pop("operation")

        plan = IntentViewPlan.from_dict(d.pop("plan"))

        made = IntentViewMade.from_dict(d.pop("made"))

        opened_at = datetime.datetime.fromisoformat(d.pop("opened_at"))

        def _parse_closed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                closed_at_type_0 = datetime.datetime.fromisoformat(data)

                return closed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        closed_at = _parse_closed_at(d.pop("closed_at"))

        def _parse_outcome(data: object) -> IntentOutcome | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                outcome_type_0 = IntentOutcome(data)

                return outcome_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(IntentOutcome | None, data)

        outcome = _parse_outcome(d.pop("outcome"))

        intent_view = cls(
            connection_id=connection_id,
            railway_environment_id=railway_environment_id,
            job_id=job_id,
            operation=operation,
            plan=plan,
            made=made,
            opened_at=opened_at,
            closed_at=closed_at,
            outcome=outcome,
        )

        intent_view.additional_properties = d
        return intent_view

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
