"""Sessions like those of an application: names without a schema mean what they mean to everybody."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from app.postgres import connect as ours
from app.postgres.connect import Session, Target


def connect(target: Target, **options: Any) -> AbstractAsyncContextManager[Session]:
    return ours.connect(target, **{"search_path": None, **options})
