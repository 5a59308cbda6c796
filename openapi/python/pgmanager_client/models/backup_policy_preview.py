from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.backup_policy_put import BackupPolicyPut


T = TypeVar("T", bound="BackupPolicyPreview")


@_attrs_define
class BackupPolicyPreview:
    policy: BackupPolicyPut | None | Unset = UNSET
    """ The one that is in force when null. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.backup_policy_put import BackupPolicyPut  # noqa: PLC0415

        policy: dict[str, Any] | None | Unset
        if isinstance(self.policy, Unset):
            policy = UNSET
        elif isinstance(self.policy, BackupPolicyPut):
            policy = self.policy.to_dict()
        else:
            policy = self.policy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if policy is not UNSET:
            field_dict["policy"] = policy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_policy_put import BackupPolicyPut  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_policy(data: object) -> BackupPolicyPut | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                policy_type_0 = BackupPolicyPut.from_dict(data)

                return policy_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BackupPolicyPut | None | Unset, data)

        policy = _parse_policy(d.pop("policy", UNSET))

        backup_policy_preview = cls(
            policy=policy,
        )

        return backup_policy_preview
