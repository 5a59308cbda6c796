from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.encryption import Encryption
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.from_object import FromObject
    from ..models.from_upload import FromUpload
    from ..models.from_url import FromUrl
    from ..models.import_create_labels import ImportCreateLabels


T = TypeVar("T", bound="ImportCreate")


@_attrs_define
class ImportCreate:
    """What a file is, is found by its contents: an archive of pg_dump or plain SQL, each also in gzip or age."""

    source: FromObject | FromUpload | FromUrl
    database_id: str
    """ Whose the file is filed as, and whose server it is restored to by default. """
    location_id: None | str | Unset = UNSET
    """ Where it is kept. The project's default when null. """
    logical_database: None | str | Unset = UNSET
    """ Which one an archive is filed as; the one that it was taken from when null. """
    sha256: None | str | Unset = UNSET
    """ Of the file as it is at its source; another one is refused. """
    encryption: Encryption | Unset = UNSET
    labels: ImportCreateLabels | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.from_object import FromObject  # noqa: PLC0415
        from ..models.from_url import FromUrl  # noqa: PLC0415

        source: dict[str, Any]
        if isinstance(self.source, FromUrl):
            source = self.source.to_dict()
        elif isinstance(self.source, FromObject):
            source = self.source.to_dict()
        else:
            source = self.source.to_dict()

        database_id = self.database_id

        location_id: None | str | Unset
        if isinstance(self.location_id, Unset):
            location_id = UNSET
        else:
            location_id = self.location_id

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        sha256: None | str | Unset
        if isinstance(self.sha256, Unset):
            sha256 = UNSET
        else:
            sha256 = self.sha256

        encryption: str | Unset = UNSET
        if not isinstance(self.encryption, Unset):
            encryption = self.encryption.value

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "database_id": database_id,
            }
        )
        if location_id is not UNSET:
            field_dict["location_id"] = location_id
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if sha256 is not UNSET:
            field_dict["sha256"] = sha256
        if encryption is not UNSET:
            field_dict["encryption"] = encryption
        if labels is not UNSET:
            field_dict["labels"] = labels

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.from_object import FromObject  # noqa: PLC0415
        from ..models.from_upload import FromUpload  # noqa: PLC0415
        from ..models.from_url import FromUrl  # noqa: PLC0415
        from ..models.import_create_labels import ImportCreateLabels  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_source(data: object) -> FromObject | FromUpload | FromUrl:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                source_type_0 = FromUrl.from_dict(data)

                return source_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                source_type_1 = FromObject.from_dict(data)

                return source_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            source_type_2 = FromUpload.from_dict(data)

            return source_type_2

        source = _parse_source(d.pop("source"))

        database_id = d.pop("database_id")

        def _parse_location_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        location_id = _parse_location_id(d.pop("location_id", UNSET))

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        def _parse_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sha256 = _parse_sha256(d.pop("sha256", UNSET))

        _encryption = d.pop("encryption", UNSET)
        encryption: Encryption | Unset
        if isinstance(_encryption, Unset):
            encryption = UNSET
        else:
            encryption = Encryption(_encryption)

        _labels = d.pop("labels", UNSET)
        labels: ImportCreateLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = ImportCreateLabels.from_dict(_labels)

        import_create = cls(
            source=source,
            database_id=database_id,
            location_id=location_id,
            logical_database=logical_database,
            sha256=sha256,
            encryption=encryption,
            labels=labels,
        )

        return import_create
