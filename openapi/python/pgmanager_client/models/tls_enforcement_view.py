from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tls_enforcement import TlsEnforcement

if TYPE_CHECKING:
    from ..models.hba_change import HbaChange
    from ..models.plain_session_view import PlainSessionView


T = TypeVar("T", bound="TlsEnforcementView")


@_attrs_define
class TlsEnforcementView:
    mode: None | TlsEnforcement
    """ Null where our login may not read the rules. """
    reason: None | str
    """ Why it is not known, or cannot be changed from here. """
    changes: list[HbaChange]
    """ What was changed, or would be for `required` to hold. """
    plain_sessions: list[PlainSessionView]
    """ They go on until they end; their clients are refused when they connect again. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        mode: None | str
        if isinstance(self.mode, TlsEnforcement):
            mode = self.mode.value
        else:
            mode = self.mode

        reason: None | str
        reason = self.reason

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        plain_sessions = []
        for plain_sessions_item_data in self.plain_sessions:
            plain_sessions_item = plain_sessions_item_data.to_dict()
            plain_sessions.append(plain_sessions_item)

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "mode": mode,
                "reason": reason,
                "changes": changes,
                "plain_sessions": plain_sessions,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.hba_change import HbaChange  # noqa: PLC0415
        from ..models.plain_session_view import PlainSessionView  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_mode(data: object) -> None | TlsEnforcement:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                mode_type_0 = TlsEnforcement(data)

                return mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TlsEnforcement, data)

        mode = _parse_mode(d.pop("mode"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = HbaChange.from_dict(changes_item_data)

            changes.append(changes_item)

        plain_sessions = []
        _plain_sessions = d.pop("plain_sessions")
        for plain_sessions_item_data in _plain_sessions:
            plain_sessions_item = PlainSessionView.from_dict(plain_sessions_item_data)

            plain_sessions.append(plain_sessions_item)

        warnings = cast(list[str], d.pop("warnings"))

        tls_enforcement_view = cls(
            mode=mode,
            reason=reason,
            changes=changes,
            plain_sessions=plain_sessions,
            warnings=warnings,
        )

        tls_enforcement_view.additional_properties = d
        return tls_enforcement_view

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
