from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.database_role_view import DatabaseRoleView
    from ..models.drift import Drift
    from ..models.future_privileges_view import FuturePrivilegesView
    from ..models.holdings_view import HoldingsView
    from ..models.object_privileges_view import ObjectPrivilegesView
    from ..models.role_membership_view import RoleMembershipView
    from ..models.schema_privileges_view import SchemaPrivilegesView


T = TypeVar("T", bound="RolePrivilegesView")


@_attrs_define
class RolePrivilegesView:
    """In effect: by its own grants, by what it inherits, by PUBLIC and as an owner."""

    role: DatabaseRoleView
    logical_database: str
    owner: str
    privileges: list[str]
    """ On the logical database itself. """
    schemas: list[SchemaPrivilegesView]
    objects: list[ObjectPrivilegesView]
    """ Of the schema that was asked for. """
    has_more_objects: bool
    """ True: repeat the request with `after`, the last name. """
    future: list[FuturePrivilegesView]
    memberships: list[RoleMembershipView]
    holdings: list[HoldingsView]
    drift: Drift
    """ Against the wish; nothing is judged where none is on record. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role = self.role.to_dict()

        logical_database = self.logical_database

        owner = self.owner

        privileges = self.privileges

        schemas = []
        for schemas_item_data in self.schemas:
            schemas_item = schemas_item_data.to_dict()
            schemas.append(schemas_item)

        objects = []
        for objects_item_data in self.objects:
            objects_item = objects_item_data.to_dict()
            objects.append(objects_item)

        has_more_objects = self.has_more_objects

        future = []
        for future_item_data in self.future:
            future_item = future_item_data.to_dict()
            future.append(future_item)

        memberships = []
        for memberships_item_data in self.memberships:
            memberships_item = memberships_item_data.to_dict()
            memberships.append(memberships_item)

        holdings = []
        for holdings_item_data in self.holdings:
            holdings_item = holdings_item_data.to_dict()
            holdings.append(holdings_item)

        drift = self.drift.to_dict()

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "logical_database": logical_database,
                "owner": owner,
                "privileges": privileges,
                "schemas": schemas,
                "objects": objects,
                "has_more_objects": has_more_objects,
                "future": future,
                "memberships": memberships,
                "holdings": holdings,
                "drift": drift,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_role_view import DatabaseRoleView  # noqa: PLC0415
        from ..models.drift import Drift  # noqa: PLC0415
        from ..models.future_privileges_view import FuturePrivilegesView  # noqa: PLC0415
        from ..models.holdings_view import HoldingsView  # noqa: PLC0415
        from ..models.object_privileges_view import ObjectPrivilegesView  # noqa: PLC0415
        from ..models.role_membership_view import RoleMembershipView  # noqa: PLC0415
        from ..models.schema_privileges_view import SchemaPrivilegesView  # noqa: PLC0415

        d = dict(src_dict)
        role = DatabaseRoleView.from_dict(d.pop("role"))

        logical_database = d.pop("logical_database")

        owner = d.pop("owner")

        privileges = cast(list[str], d.pop("privileges"))

        schemas = []
        _schemas = d.pop("schemas")
        for schemas_item_data in _schemas:
            schemas_item = SchemaPrivilegesView.from_dict(schemas_item_data)

            schemas.append(schemas_item)

        objects = []
        _objects = d.pop("objects")
        for objects_item_data in _objects:
            objects_item = ObjectPrivilegesView.from_dict(objects_item_data)

            objects.append(objects_item)

        has_more_objects = d.pop("has_more_objects")

        future = []
        _future = d.pop("future")
        for future_item_data in _future:
            future_item = FuturePrivilegesView.from_dict(future_item_data)

            future.append(future_item)

        memberships = []
        _memberships = d.pop("memberships")
        for memberships_item_data in _memberships:
            memberships_item = RoleMembershipView.from_dict(memberships_item_data)

            memberships.append(memberships_item)

        holdings = []
        _holdings = d.pop("holdings")
        for holdings_item_data in _holdings:
            holdings_item = HoldingsView.from_dict(holdings_item_data)

            holdings.append(holdings_item)

        drift = Drift.from_dict(d.pop("drift"))

        warnings = cast(list[str], d.pop("warnings"))

        role_privileges_view = cls(
            role=role,
            logical_database=logical_database,
            owner=owner,
            privileges=privileges,
            schemas=schemas,
            objects=objects,
            has_more_objects=has_more_objects,
            future=future,
            memberships=memberships,
            holdings=holdings,
            drift=drift,
            warnings=warnings,
        )

        role_privileges_view.additional_properties = d
        return role_privileges_view

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
