from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cluster_seen import ClusterSeen
    from ..models.deployment_seen import DeploymentSeen
    from ..models.platform_status_view_metrics import PlatformStatusViewMetrics
    from ..models.problem import Problem
    from ..models.service_seen import ServiceSeen
    from ..models.volume_seen import VolumeSeen


T = TypeVar("T", bound="PlatformStatusView")


@_attrs_define
class PlatformStatusView:
    """As it was seen last. Nothing is asked of Railway for this answer."""

    database_id: str
    service: None | ServiceSeen
    """ Null: not seen yet, or gone. """
    deployment: DeploymentSeen | None
    volume: None | VolumeSeen
    cluster: ClusterSeen | None
    pitr: None | str
    """ Railway's own recovery to a moment: `on`, `off`, `unwired`; null: not known. """
    pooler_service_id: None | str
    metrics: PlatformStatusViewMetrics
    """ The newest of `cpu`, `memory`, `disk`, `network_rx`, `_tx`. """
    observed_at: datetime.datetime | None
    """ Null: it has not been looked at since it was made. """
    metrics_observed_at: datetime.datetime | None
    age_seconds: int | None
    stale: bool
    """ Older than 120 seconds; `error` may say why. """
    error: None | Problem
    """ Why the last look failed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cluster_seen import ClusterSeen  # noqa: PLC0415
        from ..models.deployment_seen import DeploymentSeen  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.service_seen import ServiceSeen  # noqa: PLC0415
        from ..models.volume_seen import VolumeSeen  # noqa: PLC0415

        database_id = self.database_id

        service: dict[str, Any] | None
        if isinstance(self.service, ServiceSeen):
            service = self.service.to_dict()
        else:
            service = self.service

        deployment: dict[str, Any] | None
        if isinstance(self.deployment, DeploymentSeen):
            deployment = self.deployment.to_dict()
        else:
            deployment = self.deployment

        volume: dict[str, Any] | None
        if isinstance(self.volume, VolumeSeen):
            volume = self.volume.to_dict()
        else:
            volume = self.volume

        cluster: dict[str, Any] | None
        if isinstance(self.cluster, ClusterSeen):
            cluster = self.cluster.to_dict()
        else:
            cluster = self.cluster

        pitr: None | str
        pitr = self.pitr

        pooler_service_id: None | str
        pooler_service_id = self.pooler_service_id

        metrics = self.metrics.to_dict()

        observed_at: None | str
        if isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        metrics_observed_at: None | str
        if isinstance(self.metrics_observed_at, datetime.datetime):
            metrics_observed_at = self.metrics_observed_at.isoformat()
        else:
            metrics_observed_at = self.metrics_observed_at

        age_seconds: int | None
        age_seconds = self.age_seconds

        stale = self.stale

        error: dict[str, Any] | None
        if isinstance(self.error, Problem):
            error = self.error.to_dict()
        else:
            error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database_id": database_id,
                "service": service,
                "deployment": deployment,
                "volume": volume,
                "cluster": cluster,
                "pitr": pitr,
                "pooler_service_id": pooler_service_id,
                "metrics": metrics,
                "observed_at": observed_at,
                "metrics_observed_at": metrics_observed_at,
                "age_seconds": age_seconds,
                "stale": stale,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cluster_seen import ClusterSeen  # noqa: PLC0415
        from ..models.deployment_seen import DeploymentSeen  # noqa: PLC0415
        from ..models.platform_status_view_metrics import PlatformStatusViewMetrics  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415
        from ..models.service_seen import ServiceSeen  # noqa: PLC0415
        from ..models.volume_seen import VolumeSeen  # noqa: PLC0415

        d = dict(src_dict)
        database_id = d.pop("database_id")

        def _parse_service(data: object) -> None | ServiceSeen:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                service_type_0 = ServiceSeen.from_dict(data)

                return service_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ServiceSeen, data)

        service = _parse_service(d.pop("service"))

        def _parse_deployment(data: object) -> DeploymentSeen | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                deployment_type_0 = DeploymentSeen.from_dict(data)

                return deployment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DeploymentSeen | None, data)

        deployment = _parse_deployment(d.pop("deployment"))

        def _parse_volume(data: object) -> None | VolumeSeen:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                volume_type_0 = VolumeSeen.from_dict(data)

                return volume_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | VolumeSeen, data)

        volume = _parse_volume(d.pop("volume"))

        def _parse_cluster(data: object) -> ClusterSeen | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cluster_type_0 = ClusterSeen.from_dict(data)

                return cluster_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClusterSeen | None, data)

        cluster = _parse_cluster(d.pop("cluster"))

        def _parse_pitr(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pitr = _parse_pitr(d.pop("pitr"))

        def _parse_pooler_service_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pooler_service_id = _parse_pooler_service_id(d.pop("pooler_service_id"))

        metrics = PlatformStatusViewMetrics.from_dict(d.pop("metrics"))

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

        def _parse_metrics_observed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                metrics_observed_at_type_0 = datetime.datetime.fromisoformat(data)

                return metrics_observed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        metrics_observed_at = _parse_metrics_observed_at(d.pop("metrics_observed_at"))

        def _parse_age_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        age_seconds = _parse_age_seconds(d.pop("age_seconds"))

        stale = d.pop("stale")

        def _parse_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Problem.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        error = _parse_error(d.pop("error"))

        platform_status_view = cls(
            database_id=database_id,
            service=service,
            deployment=deployment,
            volume=volume,
            cluster=cluster,
            pitr=pitr,
            pooler_service_id=pooler_service_id,
            metrics=metrics,
            observed_at=observed_at,
            metrics_observed_at=metrics_observed_at,
            age_seconds=age_seconds,
            stale=stale,
            error=error,
        )

        platform_status_view.additional_properties = d
        return platform_status_view

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
