"""Prometheus metrics of this process, in a registry of its own so that two applications do not share counters."""

from prometheus_client import CollectorRegistry, Histogram

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class HttpMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "Time from the request's first byte to the answer's last, by route template.",
            ("method", "route", "status"),
            registry=registry,
            buckets=_BUCKETS,
        )
        # Looking a child up by its labels costs more than observing; there are as many as routes and codes.
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        # A caller may invent methods; a label with any number of values would fill the memory.
        key = (method if method in _METHODS else "OTHER", route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._duration.labels(*key)
        child.observe(seconds)
