from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="LogicalDatabasePut")


@_attrs_define
class LogicalDatabasePut:
    """Encoding, locale and template are chosen at creation and stay. Left out, the owner stays, and the rest is the
    default.

    """

    owner: None | str | Unset = UNSET
    """ A role; our login for a new one by default. """
    encoding: None | str | Unset = UNSET
    locale: None | str | Unset = UNSET
    template: None | str | Unset = UNSET
    """ `template0` where an encoding or locale is given. """
    connection_limit: int | None | Unset = UNSET
    comment: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        encoding: None | str | Unset
        if isinstance(self.encoding, Unset):
            encoding = UNSET
        else:
            encoding = self.encoding

        locale: None | str | Unset
        if isinstance(self.locale, Unset):
            locale = UNSET
        else:
            locale = self.locale

        template: None | str | Unset
        if isinstance(self.template, Unset):
            template = UNSET
        else:
            template = self.template

        connection_limit: int | None | Unset
        if isinstance(self.connection_limit, Unset):
            connection_limit = UNSET
        else:
            connection_limit = self.connection_limit

        comment: None | str | Unset
        if isinstance(self.comment, Unset):
            comment = UNSET
        else:
            comment = self.comment

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if owner is not UNSET:
            field_dict["owner"] = owner
        if encoding is not UNSET:
            field_dict["encoding"] = encoding
        if locale is not UNSET:
            field_dict["locale"] = locale
        if template is not UNSET:
            field_dict["template"] = template
        if connection_limit is not UNSET:
            field_dict["connection_limit"] = connection_limit
        if comment is not UNSET:
            field_dict["comment"] = comment

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        def _parse_encoding(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        encoding = _parse_encoding(d.pop("encoding", UNSET))

        def _parse_locale(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        locale = _parse_locale(d.pop("locale", UNSET))

        def _parse_template(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        template = _parse_template(d.pop("template", UNSET))

        def _parse_connection_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        connection_limit = _parse_connection_limit(d.pop("connection_limit", UNSET))

        def _parse_comment(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        comment = _parse_comment(d.pop("comment", UNSET))

        logical_database_put = cls(
            owner=owner,
            encoding=encoding,
            locale=locale,
            template=template,
            connection_limit=connection_limit,
            comment=comment,
        )

        return logical_database_put
