from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.import_view import ImportView
    from ..models.job_view import JobView
    from ..models.upload_view import UploadView


T = TypeVar("T", bound="ImportAccepted")


@_attrs_define
class ImportAccepted:
    import_: ImportView
    """ One import. Of the address of its source only the host is shown. """
    job: JobView | None
    """ Null while the file is still to be uploaded. """
    upload: None | UploadView
    """ Where the caller is to send the file, in this answer only; null where it is fetched from elsewhere. """
    withheld: list[str]
    """ Members that only the first answer carried. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.upload_view import UploadView  # noqa: PLC0415

        import_ = self.import_.to_dict()

        job: dict[str, Any] | None
        if isinstance(self.job, JobView):
            job = self.job.to_dict()
        else:
            job = self.job

        upload: dict[str, Any] | None
        if isinstance(self.upload, UploadView):
            upload = self.upload.to_dict()
        else:
            upload = self.upload

        withheld = self.withheld

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "import": import_,
                "job": job,
                "upload": upload,
                "withheld": withheld,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.import_view import ImportView  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.upload_view import UploadView  # noqa: PLC0415

        d = dict(src_dict)
        import_ = ImportView.from_dict(d.pop("import"))

        def _parse_job(data: object) -> JobView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                job_type_0 = JobView.from_dict(data)

                return job_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobView | None, data)

        job = _parse_job(d.pop("job"))

        def _parse_upload(data: object) -> None | UploadView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                upload_type_0 = UploadView.from_dict(data)

                return upload_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UploadView, data)

        upload = _parse_upload(d.pop("upload"))

        withheld = cast(list[str], d.pop("withheld"))

        import_accepted = cls(
            import_=import_,
            job=job,
            upload=upload,
            withheld=withheld,
        )

        import_accepted.additional_properties = d
        return import_accepted

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
