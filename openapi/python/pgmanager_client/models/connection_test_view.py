from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.endpoint_kind import EndpointKind
from ..models.layer import Layer

if TYPE_CHECKING:
    from ..models.layer_view import LayerView


T = TypeVar("T", bound="ConnectionTestView")


@_attrs_define
class ConnectionTestView:
    """Whether a connection works, layer by layer."""

    ok: bool
    """ No layer failed. """
    first_failure: Layer | None
    endpoint: EndpointKind
    host: str
    port: int
    role: str
    logical_database: str
    tested_from: str
    """ Where this test connects from: what holds here need not hold elsewhere. """
    seconds: float
    layers: list[LayerView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ok = self.ok

        first_failure: None | str
        if isinstance(self.first_failure, Layer):
            first_failure = self.first_failure.value
        else:
            first_failure = self.first_failure

        endpoint = self.endpoint.value

        host = self.host

        port = self.port

        role = self.role

        logical_database = self.logical_database

        tested_from = self.tested_from

        seconds = self.seconds

        layers = []
        for layers_item_data in self.layers:
            layers_item = layers_item_data.to_dict()
            layers.append(layers_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ok": ok,
                "first_failure": first_failure,
                "endpoint": endpoint,
                "host": host,
                "port": port,
                "role": role,
                "logical_database": logical_database,
                "tested_from": tested_from,
                "seconds": seconds,
                "layers": layers,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.layer_view import LayerView  # noqa: PLC0415

        d = dict(src_dict)
        ok = d.pop("ok")

        def _parse_first_failure(data: object) -> Layer | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                first_failure_type_0 = Layer(data)

                return first_failure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Layer | None, data)

        first_failure = _parse_first_failure(d.pop("first_failure"))

        endpoint = EndpointKind(d.pop("endpoint"))

        host = d.pop("host")

        port = d.pop("port")

        role = d.pop("role")

        logical_database = d.pop("logical_database")

        tested_from = d.pop("tested_from")

        seconds = d.pop("seconds")

        layers = []
        _layers = d.pop("layers")
        for layers_item_data in _layers:
            layers_item = LayerView.from_dict(layers_item_data)

            layers.append(layers_item)

        connection_test_view = cls(
            ok=ok,
            first_failure=first_failure,
            endpoint=endpoint,
            host=host,
            port=port,
            role=role,
            logical_database=logical_database,
            tested_from=tested_from,
            seconds=seconds,
            layers=layers,
        )

        connection_test_view.additional_properties = d
        return connection_test_view

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
