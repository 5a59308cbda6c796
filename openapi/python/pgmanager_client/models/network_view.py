from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reach import Reach

if TYPE_CHECKING:
    from ..models.address_view import AddressView
    from ..models.public_reader import PublicReader
    from ..models.window_view import WindowView


T = TypeVar("T", bound="NetworkView")


@_attrs_define
class NetworkView:
    reach: None | Reach
    """ How this service gets to the server; null where that is no question. """
    private: AddressView | None
    """ Resolves inside the database's own environment only. """
    public: AddressView | None
    """ Null while public access is off. Its port is another one each time. """
    window: None | WindowView
    """ Null: public access stays as it is. """
    public_readers: list[PublicReader]
    """ Who would be cut off without public access. """
    observed_at: datetime.datetime | None
    """ When the variables of the environment were looked at. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.address_view import AddressView  # noqa: PLC0415
        from ..models.window_view import WindowView  # noqa: PLC0415

        reach: None | str
        if isinstance(self.reach, Reach):
            reach = self.reach.value
        else:
            reach = self.reach

        private: dict[str, Any] | None
        if isinstance(self.private, AddressView):
            private = self.private.to_dict()
        else:
            private = self.private

        public: dict[str, Any] | None
        if isinstance(self.public, AddressView):
            public = self.public.to_dict()
        else:
            public = self.public

        window: dict[str, Any] | None
        if isinstance(self.window, WindowView):
            window = self.window.to_dict()
        else:
            window = self.window

        public_readers = []
        for public_readers_item_data in self.public_readers:
            public_readers_item = public_readers_item_data.to_dict()
            public_readers.append(public_readers_item)

        observed_at: None | str
        if isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "reach": reach,
                "private": private,
                "public": public,
                "window": window,
                "public_readers": public_readers,
                "observed_at": observed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address_view import AddressView  # noqa: PLC0415
        from ..models.public_reader import PublicReader  # noqa: PLC0415
        from ..models.window_view import WindowView  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_reach(data: object) -> None | Reach:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reach_type_0 = Reach(data)

                return reach_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Reach, data)

        reach = _parse_reach(d.pop("reach"))

        def _parse_private(data: object) -> AddressView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                private_type_0 = AddressView.from_dict(data)

                return private_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AddressView | None, data)

        private = _parse_private(d.pop("private"))

        def _parse_public(data: object) -> AddressView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                public_type_0 = AddressView.from_dict(data)

                return public_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AddressView | None, data)

        public = _parse_public(d.pop("public"))

        def _parse_window(data: object) -> None | WindowView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                window_type_0 = WindowView.from_dict(data)

                return window_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | WindowView, data)

        window = _parse_window(d.pop("window"))

        public_readers = []
        _public_readers = d.pop("public_readers")
        for public_readers_item_data in _public_readers:
            public_readers_item = PublicReader.from_dict(public_readers_item_data)

            public_readers.append(public_readers_item)

        def _parse_observed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                observed_at_type_0 = datetime.datetime.fromisoformat(data)

                return observed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        observed_at = _parse_observed_at(d.pop("observed_at"))

        network_view = cls(
            reach=reach,
            private=private,
            public=public,
            window=window,
            public_readers=public_readers,
            observed_at=observed_at,
        )

        network_view.additional_properties = d
        return network_view

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
