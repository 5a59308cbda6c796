"""Finding the row of the table of troubles that explains an error. ``docs/connection-errors.md`` is that table."""

from typing import Any, Final

from app.connections.troubles.at_the_server import AT_THE_SERVER
from app.connections.troubles.on_the_way import ON_THE_WAY
from app.connections.troubles.trouble import Trouble
from app.errors import Problem

TROUBLES: Final = (*ON_THE_WAY, *AT_THE_SERVER)

_BY_CODE: Final = {trouble.code: trouble for trouble in TROUBLES}
# X509_V_ERR_…; every other one is somebody whom nobody knows.
_BY_VERIFY_CODE: Final = {9: "TLS_NOT_YET_VALID", 10: "TLS_EXPIRED", 62: "TLS_NAME_MISMATCH", 64: "TLS_NAME_MISMATCH"}


def trouble(code: str) -> Trouble:
    return _BY_CODE[code]


def trouble_of_state(sqlstate: str | None, said: str) -> Trouble | None:
    """Of what a server or pooler answered. Its words decide only where they are English."""
    for one in TROUBLES:
        if one.sqlstate in (None, sqlstate) and (one.sqlstate or one.words) and (one.words or "") in said:
            return one
    return None


def trouble_of_certificate(verify_code: int) -> Trouble:
    return trouble(_BY_VERIFY_CODE.get(verify_code, "TLS_UNKNOWN_ISSUER"))


def trouble_of(problem: Problem) -> Trouble | None:
    """Of a login that was refused: by the driver's error behind the problem."""
    error: Any = problem.__cause__
    state = getattr(error, "sqlstate", None)
    return trouble_of_state(state, str(error)) if isinstance(state, str) else None
