from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.setting import Setting


T = TypeVar("T", bound="DatabaseFacts")


@_attrs_define
class DatabaseFacts:
    """What belongs to the database itself, and is lost by a restore that does not create it. ACLs are as in pg_database."""

    name: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    locale: None | str
    connection_limit: int
    comment: None | str
    acl: list[str] | None
    settings: list[Setting]
    size_bytes: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        owner = self.owner

        encoding = self.encoding

        collate = self.collate

        ctype = self.ctype

        locale_provider = self.locale_provider

        locale: None | str
        locale = self.locale

        connection_limit = self.connection_limit

        comment: None | str
        comment = self.comment

        acl: list[str] | None
        if isinstance(self.acl, list):
            acl = self.acl

        else:
            acl = self.acl

        settings = []
        for settings_item_data in self.settings:
            settings_item = settings_item_data.to_dict()
            settings.append(settings_item)

        size_bytes: int | None | Unset
        if isinstance(self.size_bytes, Unset):
            size_bytes = UNSET
        else:
            size_bytes = self.size_bytes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "owner": owner,
                "encoding": encoding,
                "collate": collate,
                "ctype": ctype,
                "locale_provider": locale_provider,
                "locale": locale,
                "connection_limit": connection_limit,
                "comment": comment,
                "acl": acl,
                "settings": settings,
            }
        )
        if size_bytes is not UNSET:
            field_dict["size_bytes"] = size_bytes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.setting import Setting  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        owner = d.pop("owner")

        encoding = d.pop("encoding")

        collate = d.pop("collate")

        ctype = d.pop("ctype")

        locale_provider = d.pop("locale_provider")

        def _parse_locale(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        locale = _parse_locale(d.pop("locale"))

        connection_limit = d.pop("connection_limit")

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        def _parse_acl(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                acl_type_0 = cast(list[str], data)

                return acl_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        acl = _parse_acl(d.pop("acl"))

        settings = []
        _settings = d.pop("settings")
        for settings_item_data in _settings:
            settings_item = Setting.from_dict(settings_item_data)

            settings.append(settings_item)

        def _parse_size_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes", UNSET))

        database_facts = cls(
            name=name,
            owner=owner,
            encoding=encoding,
            collate=collate,
            ctype=ctype,
            locale_provider=locale_provider,
            locale=locale,
            connection_limit=connection_limit,
            comment=comment,
            acl=acl,
            settings=settings,
            size_bytes=size_bytes,
        )

        database_facts.additional_properties = d
        return database_facts

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
