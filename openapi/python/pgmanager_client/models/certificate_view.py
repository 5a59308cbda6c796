from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.certificate_state import CertificateState
from ..models.pinned_by import PinnedBy
from ..models.tls_mode import TlsMode

if TYPE_CHECKING:
    from ..models.certificate_details import CertificateDetails


T = TypeVar("T", bound="CertificateView")


@_attrs_define
class CertificateView:
    """What the server shows, and what its clients should trust."""

    state: CertificateState
    reason: None | str
    """ Why nothing is pinned, or what is wrong. """
    tls_mode: TlsMode
    """ What libpq's ``sslmode`` of the same name means; there is no ``allow``, which protects from nothing. """
    pinned: CertificateDetails | None
    """ The root that those trust; its `pem`, in a cluster with those of the other members behind it, is
    `sslrootcert` of other clients. """
    pinned_by: None | PinnedBy
    """ Null where nothing is, or where the pin was given with the address or is that of a server made here. """
    pinned_at: datetime.datetime | None
    shown: CertificateDetails | None
    """ The server's own certificate. """
    root: CertificateDetails | None
    """ What signed the certificate that is shown, where it can be known: its fingerprint is what `:pin` takes. """
    seen_at: datetime.datetime | None
    """ When the server was looked at; null if nobody has got there yet. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.certificate_details import CertificateDetails  # noqa: PLC0415

        state = self.state.value

        reason: None | str
        reason = self.reason

        tls_mode = self.tls_mode.value

        pinned: dict[str, Any] | None
        if isinstance(self.pinned, CertificateDetails):
            pinned = self.pinned.to_dict()
        else:
            pinned = self.pinned

        pinned_by: None | str
        if isinstance(self.pinned_by, PinnedBy):
            pinned_by = self.pinned_by.value
        else:
            pinned_by = self.pinned_by

        pinned_at: None | str
        if isinstance(self.pinned_at, datetime.datetime):
            pinned_at = self.pinned_at.isoformat()
        else:
            pinned_at = self.pinned_at

        shown: dict[str, Any] | None
        if isinstance(self.shown, CertificateDetails):
            shown = self.shown.to_dict()
        else:
            shown = self.shown

        root: dict[str, Any] | None
        if isinstance(self.root, CertificateDetails):
            root = self.root.to_dict()
        else:
            root = self.root

        seen_at: None | str
        if isinstance(self.seen_at, datetime.datetime):
            seen_at = self.seen_at.isoformat()
        else:
            seen_at = self.seen_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
                "reason": reason,
                "tls_mode": tls_mode,
                "pinned": pinned,
                "pinned_by": pinned_by,
                "pinned_at": pinned_at,
                "shown": shown,
                "root": root,
                "seen_at": seen_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.certificate_details import CertificateDetails  # noqa: PLC0415

        d = dict(src_dict)
        state = CertificateState(d.pop("state"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        tls_mode = TlsMode(d.pop("tls_mode"))

        def _parse_pinned(data: object) -> CertificateDetails | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pinned_type_0 = CertificateDetails.from_dict(data)

                return pinned_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CertificateDetails | None, data)

        pinned = _parse_pinned(d.pop("pinned"))

        def _parse_pinned_by(data: object) -> None | PinnedBy:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                pinned_by_type_0 = PinnedBy(data)

                return pinned_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PinnedBy, data)

        pinned_by = _parse_pinned_by(d.pop("pinned_by"))

        def _parse_pinned_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                pinned_at_type_0 = datetime.datetime.fromisoformat(data)

                return pinned_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        pinned_at = _parse_pinned_at(d.pop("pinned_at"))

        def _parse_shown(data: object) -> CertificateDetails | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                shown_type_0 = CertificateDetails.from_dict(data)

                return shown_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CertificateDetails | None, data)

        shown = _parse_shown(d.pop("shown"))

        def _parse_root(data: object) -> CertificateDetails | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                root_type_0 = CertificateDetails.from_dict(data)

                return root_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CertificateDetails | None, data)

        root = _parse_root(d.pop("root"))

        def _parse_seen_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                seen_at_type_0 = datetime.datetime.fromisoformat(data)

                return seen_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        seen_at = _parse_seen_at(d.pop("seen_at"))

        certificate_view = cls(
            state=state,
            reason=reason,
            tls_mode=tls_mode,
            pinned=pinned,
            pinned_by=pinned_by,
            pinned_at=pinned_at,
            shown=shown,
            root=root,
            seen_at=seen_at,
        )

        certificate_view.additional_properties = d
        return certificate_view

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
