"""What can stand against a location."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.errors import Conflict, NotFound, Problem, Unprocessable
from app.kit.ids import encode_id


class LocationNotFound(NotFound):
    def __init__(self, location_id: UUID) -> None:
        super().__init__(f"There is no location {encode_id('loc', location_id)}.")


class ProjectUnknown(NotFound):
    def __init__(self, project_id: UUID) -> None:
        super().__init__(f"There is no project {encode_id('prj', project_id)}.")


class NameTaken(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"The project has a location {name} already; choose another name.")


class LocationExists(Conflict):
    """Two locations on one place would count its space twice, and each would sweep the other's uploads."""

    code, title = "LOCATION_EXISTS", "The place is a location already"

    def __init__(self, endpoint_url: str, bucket: str, prefix: str) -> None:
        super().__init__(
            f"Another location of the project is at {endpoint_url}, bucket {bucket}, prefix {prefix!r}. "
            "Use that one, or choose another prefix."
        )


class LocationInUse(Conflict):
    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, copies: int) -> None:
        super().__init__(
            f"{copies} copies of backups or imported files lie in the location, or are on their way. Delete those first, or, if "
            "the place is lost for good, give it up with :forget.",
            copies=copies,
        )


class LocationNamed(Conflict):
    """Its slots would have nowhere to go, and fail one after another."""

    code, title = "HAS_DEPENDENTS", "Something still needs this"

    def __init__(self, database_ids: Sequence[UUID]) -> None:
        names = [encode_id("db", database_id) for database_id in database_ids]
        super().__init__(
            f"Backup policies name the location: those of {', '.join(names)}. Change their location_ids first.",
            database_ids=names,
        )


class ProbeFailed(Unprocessable):
    """The location was tried out and not accepted; ``cause`` is the problem of the step that failed."""

    code, title = "LOCATION_PROBE_FAILED", "The location cannot be used"

    def __init__(self, problem: Problem) -> None:
        cause: dict[str, Any] = problem.document()
        at = f" at the step {cause['step']}" if "step" in cause else ""
        super().__init__(f"The location was tried out and failed{at}: {problem.detail}", cause=cause)
