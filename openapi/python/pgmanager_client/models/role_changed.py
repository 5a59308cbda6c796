from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.database_role_view import DatabaseRoleView
    from ..models.role_point_view import RolePointView
    from ..models.role_statement import RoleStatement


T = TypeVar("T", bound="RoleChanged")


@_attrs_define
class RoleChanged:
    """``role`` is null in the dry run of one that does not exist."""

    role: DatabaseRoleView | None
    is_new: bool
    missing: list[RolePointView]
    extra: list[RolePointView]
    statements: list[RoleStatement]
    """ Without secrets. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.database_role_view import DatabaseRoleView  # noqa: PLC0415

        role: dict[str, Any] | None
        if isinstance(self.role, DatabaseRoleView):
            role = self.role.to_dict()
        else:
            role = self.role

        is_new = self.is_new

        missing = []
        for missing_item_data in self.missing:
            missing_item = missing_item_data.to_dict()
            missing.append(missing_item)

        extra = []
        for extra_item_data in self.extra:
            extra_item = extra_item_data.to_dict()
            extra.append(extra_item)

        statements = []
        for statements_item_data in self.statements:
            statements_item = statements_item_data.to_dict()
            statements.append(statements_item)

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "is_new": is_new,
                "missing": missing,
                "extra": extra,
                "statements": statements,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_role_view import DatabaseRoleView  # noqa: PLC0415
        from ..models.role_point_view import RolePointView  # noqa: PLC0415
        from ..models.role_statement import RoleStatement  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_role(data: object) -> DatabaseRoleView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                role_type_0 = DatabaseRoleView.from_dict(data)

                return role_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DatabaseRoleView | None, data)

        role = _parse_role(d.pop("role"))

        is_new = d.pop("is_new")

        missing = []
        _missing = d.pop("missing")
        for missing_item_data in _missing:
            missing_item = RolePointView.from_dict(missing_item_data)

            missing.append(missing_item)

        extra = []
        _extra = d.pop("extra")
        for extra_item_data in _extra:
            extra_item = RolePointView.from_dict(extra_item_data)

            extra.append(extra_item)

        statements = []
        _statements = d.pop("statements")
        for statements_item_data in _statements:
            statements_item = RoleStatement.from_dict(statements_item_data)

            statements.append(statements_item)

        warnings = cast(list[str], d.pop("warnings"))

        role_changed = cls(
            role=role,
            is_new=is_new,
            missing=missing,
            extra=extra,
            statements=statements,
            warnings=warnings,
        )

        role_changed.additional_properties = d
        return role_changed

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
