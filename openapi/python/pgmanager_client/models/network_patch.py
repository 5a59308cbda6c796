from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.credential_wish import CredentialWish


T = TypeVar("T", bound="NetworkPatch")


@_attrs_define
class NetworkPatch:
    """``public_access`` with ``minutes`` ends by itself; without, it stays until it is switched off."""

    public_access: bool
    minutes: int | None | Unset = UNSET
    reason: None | str | Unset = UNSET
    credential: CredentialWish | None | Unset = UNSET
    """ Only with minutes, and for callers who may make temporary credentials. """
    force: bool | Unset = False
    """ Also while changes that others have staged wait at Railway. Needs the scope `railway:force`. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.credential_wish import CredentialWish  # noqa: PLC0415

        public_access = self.public_access

        minutes: int | None | Unset
        if isinstance(self.minutes, Unset):
            minutes = UNSET
        else:
            minutes = self.minutes

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        credential: dict[str, Any] | None | Unset
        if isinstance(self.credential, Unset):
            credential = UNSET
        elif isinstance(self.credential, CredentialWish):
            credential = self.credential.to_dict()
        else:
            credential = self.credential

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "public_access": public_access,
            }
        )
        if minutes is not UNSET:
            field_dict["minutes"] = minutes
        if reason is not UNSET:
            field_dict["reason"] = reason
        if credential is not UNSET:
            field_dict["credential"] = credential
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.credential_wish import CredentialWish  # noqa: PLC0415

        d = dict(src_dict)
        public_access = d.pop("public_access")

        def _parse_minutes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        minutes = _parse_minutes(d.pop("minutes", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_credential(data: object) -> CredentialWish | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                credential_type_0 = CredentialWish.from_dict(data)

                return credential_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CredentialWish | None | Unset, data)

        credential = _parse_credential(d.pop("credential", UNSET))

        force = d.pop("force", UNSET)

        network_patch = cls(
            public_access=public_access,
            minutes=minutes,
            reason=reason,
            credential=credential,
            force=force,
        )

        return network_patch
