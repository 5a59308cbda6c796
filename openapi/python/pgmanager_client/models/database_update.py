from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.database_update_labels_type_0 import DatabaseUpdateLabelsType0


T = TypeVar("T", bound="DatabaseUpdate")


@_attrs_define
class DatabaseUpdate:
    """Members that are absent or null stay as they are, but for `worker_label`; labels are replaced as a whole."""

    name: None | str | Unset = UNSET
    protected: bool | None | Unset = UNSET
    """ A protected database cannot be deleted. """
    labels: DatabaseUpdateLabelsType0 | None | Unset = UNSET
    worker_label: None | str | Unset = UNSET
    """ Of databases on Railway: workers that run in the same environment, `pgmanager worker --label`, do what needs
    the server. Null ends that. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.database_update_labels_type_0 import DatabaseUpdateLabelsType0  # noqa: PLC0415

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        protected: bool | None | Unset
        if isinstance(self.protected, Unset):
            protected = UNSET
        else:
            protected = self.protected

        labels: dict[str, Any] | None | Unset
        if isinstance(self.labels, Unset):
            labels = UNSET
        elif isinstance(self.labels, DatabaseUpdateLabelsType0):
            labels = self.labels.to_dict()
        else:
            labels = self.labels

        worker_label: None | str | Unset
        if isinstance(self.worker_label, Unset):
            worker_label = UNSET
        else:
            worker_label = self.worker_label

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if protected is not UNSET:
            field_dict["protected"] = protected
        if labels is not UNSET:
            field_dict["labels"] = labels
        if worker_label is not UNSET:
            field_dict["worker_label"] = worker_label

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.database_update_labels_type_0 import DatabaseUpdateLabelsType0  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_protected(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        protected = _parse_protected(d.pop("protected", UNSET))

        def _parse_labels(data: object) -> DatabaseUpdateLabelsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                labels_type_0 = DatabaseUpdateLabelsType0.from_dict(data)

                return labels_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DatabaseUpdateLabelsType0 | None | Unset, data)

        labels = _parse_labels(d.pop("labels", UNSET))

        def _parse_worker_label(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        worker_label = _parse_worker_label(d.pop("worker_label", UNSET))

        database_update = cls(
            name=name,
            protected=protected,
            labels=labels,
            worker_label=worker_label,
        )

        return database_update
