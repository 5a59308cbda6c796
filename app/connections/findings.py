"""What the layers of one connection test have found so far."""

from typing import Any, Final

from app.connections.testing_schemas import LayerStatus, LayerView
from app.connections.troubles.trouble import Layer
from app.connections.troubleshooting import trouble


class Findings:
    """One view a layer, in the order of the layers; the worst word on a layer counts, and facts add up."""

    def __init__(self) -> None:
        self._views: dict[Layer, LayerView] = {}

    def ok(self, layer: Layer, detail: str, **facts: Any) -> None:
        self._say(layer, LayerStatus.OK, detail, None, facts)

    def warn(self, code: str, detail: str | None = None, *, layer: Layer | None = None, **facts: Any) -> None:
        self._say(layer or trouble(code).layer, LayerStatus.WARN, detail, code, facts)

    def fail(self, code: str, detail: str | None = None, *, layer: Layer | None = None, **facts: Any) -> None:
        self._say(layer or trouble(code).layer, LayerStatus.FAIL, detail, code, facts)

    def failed(self, layer: Layer, detail: str, remedy: str | None = None, **facts: Any) -> None:
        """By what the table has no row for."""
        self._say(layer, LayerStatus.FAIL, detail, None, facts, remedy=remedy)

    def explain(self, code: str, detail: str) -> None:
        """The cause behind a failure that was told already, in its place."""
        earlier = self._views.pop(trouble(code).layer, None)
        self.fail(code, detail, **(earlier.facts if earlier else {}))

    def skip(self, layer: Layer, reason: str) -> None:
        if layer not in self._views:
            self._say(layer, LayerStatus.SKIPPED, reason, None, {})

    def skip_rest(self, reason: str) -> None:
        for layer in Layer:
            self.skip(layer, reason)

    def fail_next(self, detail: str) -> None:
        """The layer that was being tried: the first that nothing is known of."""
        tried = next((layer for layer in Layer if layer not in self._views), None)
        if tried is not None:
            self.failed(tried, detail)

    def has_failed(self, layer: Layer) -> bool:
        return layer in self._views and self._views[layer].status is LayerStatus.FAIL

    def views(self) -> list[LayerView]:
        return [self._views[layer] for layer in Layer if layer in self._views]

    def _say(
        self,
        layer: Layer,
        status: LayerStatus,
        detail: str | None,
        code: str | None,
        facts: dict[str, Any],
        *,
        remedy: str | None = None,
    ) -> None:
        known = trouble(code) if code else None
        found = LayerView(
            layer=layer,
            status=status,
            detail=detail or (known.cause if known else ""),
            trouble=code,
            remedy=known.remedy if known else remedy,
            facts=facts,
        )
        earlier = self._views.get(layer)
        if earlier is not None:
            found = _weightier(earlier, found).model_copy(update={"facts": earlier.facts | facts})
        self._views[layer] = found


_WORST: Final = (LayerStatus.FAIL, LayerStatus.WARN, LayerStatus.OK, LayerStatus.SKIPPED)


def _weightier(earlier: LayerView, later: LayerView) -> LayerView:
    """Of two that are as bad the first, which is the cause; of two good ones the later, which knows more."""
    if earlier.status is later.status is LayerStatus.OK:
        return later
    return min(earlier, later, key=lambda one: _WORST.index(one.status))
