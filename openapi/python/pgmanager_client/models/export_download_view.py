from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.encryption import Encryption

T = TypeVar("T", bound="ExportDownloadView")


@_attrs_define
class ExportDownloadView:
    """An address that works without a key until it expires: a secret."""

    url: None | str
    """ In this answer only; a repetition of the request does not get it again. """
    expires_at: datetime.datetime
    filename: str
    size_bytes: int
    sha256: str
    """ Of the downloaded file, hexadecimal. """
    encryption: Encryption
    recipients: list[str]
    how_to_open: str
    withheld: list[str]
    """ Members that only the first answer carried. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        url: None | str
        url = self.url

        expires_at = self.expires_at.isoformat()

        filename = self.filename

        size_bytes = self.size_bytes

        sha256 = self.sha256

        encryption = self.encryption.value

        recipients = self.recipients

        how_to_open = self.how_to_open

        withheld = self.withheld

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
                "expires_at": expires_at,
                "filename": filename,
                "size_bytes": size_bytes,
                "sha256": sha256,
                "encryption": encryption,
                "recipients": recipients,
                "how_to_open": how_to_open,
                "withheld": withheld,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        url = _parse_url(d.pop("url"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        filename = d.pop("filename")

        size_bytes = d.pop("size_bytes")

        sha256 = d.pop("sha256")

        encryption = Encryption(d.pop("encryption"))

        recipients = cast(list[str], d.pop("recipients"))

        how_to_open = d.pop("how_to_open")

        withheld = cast(list[str], d.pop("withheld"))

        export_download_view = cls(
            url=url,
            expires_at=expires_at,
            filename=filename,
            size_bytes=size_bytes,
            sha256=sha256,
            encryption=encryption,
            recipients=recipients,
            how_to_open=how_to_open,
            withheld=withheld,
        )

        export_download_view.additional_properties = d
        return export_download_view

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
