"""How soon ours looks at Railway again: as soon as what it waits for may be there, where that takes tenths of a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

_PAUSES: Final[dict[str, Any]] = {
    # What Railway does by itself.
    "app.providers.railway.deployments._FIRST_PAUSE_SECONDS": 0.1,
    "app.providers.railway.proxies._FIRST_PAUSE_SECONDS": 0.1,
    "app.providers.railway.volumes._PAUSE_SECONDS": 0.1,
    "app.providers.railway.workflows._FIRST_PAUSE_SECONDS": 0.1,
    "app.platform.steps._AGAIN_SECONDS": 0.2,
    "app.provisioning.steps.arrival._PAUSE_SECONDS": 0.2,
    "app.provisioning.steps.restart._LOOK_SECONDS": 0.2,
    "app.databases.steps.creating.LOOK_SECONDS": 0.1,
    "app.snapshots.steps.writing.PAUSE_SECONDS": 0.1,
    "app.pooling.overlaying.PAUSE_SECONDS": 0.1,
    "app.pooling.attaching.PAUSE_SECONDS": 0.1,
    # What another job does there.
    "app.providers.railway.provider.BUSY_SECONDS": 0.3,
    "app.databases.changing.BUSY_SECONDS": 0.3,
    "app.databases.openings._BUSY_SECONDS": 0.3,
    "app.databases.openings._AGAIN_SECONDS": 0.2,
    "app.databases.steps.holding.BUSY_SECONDS": 0.3,
    # What went wrong, or may have. The looks for what was made without an answer last as long as a busy machine needs.
    "app.providers.railway.certainty._PAUSES_SECONDS": (0.0, 0.1, 0.4, 1.0, 3.5),
    "app.providers.railway.client.RETRY_BASE_SECONDS": 0.1,
    "app.jobs.execution.RETRY_BASE_SECONDS": 0.1,
}


@contextmanager
def quick_looks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, pause in _PAUSES.items():
            patch.setattr(name, pause)
        yield
