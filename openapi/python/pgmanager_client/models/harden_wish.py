from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.consumers_move import ConsumersMove
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.login_timeouts import LoginTimeouts


T = TypeVar("T", bound="HardenWish")


@_attrs_define
class HardenWish:
    application: str | Unset = "app"
    """ Its roles are named after it: `app_owner`, `app_a` and `app_b`. """
    logical_database: None | str | Unset = UNSET
    """ Null: the one that the application has, and at first the server's default. """
    schemas: list[str] | None | Unset = UNSET
    """ Whose objects are handed over. Null: those of every schema, and what is in none. """
    timeouts: LoginTimeouts | None | Unset = UNSET
    """ Null: as they are, and at first 30, 5 and 60 seconds. """
    consumers: ConsumersMove | Unset = UNSET
    redeploy: bool | Unset = False
    """ Deploy the services that are moved; otherwise they move with their next deployment. """
    revoke_public_create: bool | Unset = True
    """ Take from everybody else the right to make anything in the schema public, if that is among `schemas`. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.login_timeouts import LoginTimeouts  # noqa: PLC0415

        application = self.application

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        schemas: list[str] | None | Unset
        if isinstance(self.schemas, Unset):
            schemas = UNSET
        elif isinstance(self.schemas, list):
            schemas = self.schemas

        else:
            schemas = self.schemas

        timeouts: dict[str, Any] | None | Unset
        if isinstance(self.timeouts, Unset):
            timeouts = UNSET
        elif isinstance(self.timeouts, LoginTimeouts):
            timeouts = self.timeouts.to_dict()
        else:
            timeouts = self.timeouts

        consumers: str | Unset = UNSET
        if not isinstance(self.consumers, Unset):
            consumers = self.consumers.value

        redeploy = self.redeploy

        revoke_public_create = self.revoke_public_create

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if application is not UNSET:
            field_dict["application"] = application
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if schemas is not UNSET:
            field_dict["schemas"] = schemas
        if timeouts is not UNSET:
            field_dict["timeouts"] = timeouts
        if consumers is not UNSET:
            field_dict["consumers"] = consumers
        if redeploy is not UNSET:
            field_dict["redeploy"] = redeploy
        if revoke_public_create is not UNSET:
            field_dict["revoke_public_create"] = revoke_public_create

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.login_timeouts import LoginTimeouts  # noqa: PLC0415

        d = dict(src_dict)
        application = d.pop("application", UNSET)

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        def _parse_schemas(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                schemas_type_0 = cast(list[str], data)

                return schemas_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        schemas = _parse_schemas(d.pop("schemas", UNSET))

        def _parse_timeouts(data: object) -> LoginTimeouts | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                timeouts_type_0 = LoginTimeouts.from_dict(data)

                return timeouts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LoginTimeouts | None | Unset, data)

        timeouts = _parse_timeouts(d.pop("timeouts", UNSET))

        _consumers = d.pop("consumers", UNSET)
        consumers: ConsumersMove | Unset
        if isinstance(_consumers, Unset):
            consumers = UNSET
        else:
            consumers = ConsumersMove(_consumers)

        redeploy = d.pop("redeploy", UNSET)

        revoke_public_create = d.pop("revoke_public_create", UNSET)

        harden_wish = cls(
            application=application,
            logical_database=logical_database,
            schemas=schemas,
            timeouts=timeouts,
            consumers=consumers,
            redeploy=redeploy,
            revoke_public_create=revoke_public_create,
        )

        return harden_wish
