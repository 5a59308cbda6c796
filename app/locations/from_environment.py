"""A location out of the variables that scripts around a MinIO server use: those of the old way keep working.

=================================== =============================================
variable                            member of ``POST /v1/locations``
=================================== =============================================
MINIO_ENDPOINT                      endpoint_url; ``host[:port]`` or an address
MINIO_USE_SSL, MINIO_SECURE         its scheme, https unless false
MINIO_BUCKET, MINIO_BUCKET_NAME     bucket
MINIO_ACCESS_KEY, MINIO_ROOT_USER   access_key_id
MINIO_SECRET_KEY, .._ROOT_PASSWORD  secret_access_key
MINIO_REGION                        region; us-east-1, MinIO's own, if not given
MINIO_PREFIX                        prefix; none if not given
=================================== =============================================
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from app.auth.principal import Principal
from app.auth.scopes import Scope
from app.db.engine import Sessions
from app.errors import Unprocessable
from app.kit.clock import utc_now
from app.kit.ids import encode_id
from app.kit.sealing import KeyRing
from app.locations.probing import try_out
from app.locations.schemas import LocationCreate
from app.locations.service import LocationService
from app.settings import Settings

_FALSE: Final = frozenset({"0", "false", "no", "off"})
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_NOBODY: Final = UUID(int=0)  # who runs this has the control database, and so needs no key


class EnvironmentIncomplete(Unprocessable):
    code, title = "ENVIRONMENT_INCOMPLETE", "The environment does not describe a location"


def wish_from(environment: Mapping[str, str], *, project_id: UUID, name: str, allow_insecure: bool) -> LocationCreate:
    """Raises EnvironmentIncomplete, which names variables and no values."""
    endpoint = _first(environment, "MINIO_ENDPOINT")
    if "://" not in endpoint:
        endpoint = f"{'https' if _is_secure(environment) else 'http'}://{endpoint}"
    members: dict[str, Any] = {
        "project_id": encode_id("prj", project_id),
        "name": name,
        "endpoint_url": endpoint,
        "bucket": _first(environment, "MINIO_BUCKET", "MINIO_BUCKET_NAME"),
        "access_key_id": _first(environment, "MINIO_ACCESS_KEY", "MINIO_ROOT_USER"),
        "secret_access_key": _first(environment, "MINIO_SECRET_KEY", "MINIO_ROOT_PASSWORD"),
        "region": environment.get("MINIO_REGION") or "us-east-1",
        "prefix": environment.get("MINIO_PREFIX", ""),
        "addressing": "path",  # few MinIO servers have a name for each bucket
        "allow_insecure": allow_insecure,
    }
    try:
        return LocationCreate.model_validate(members)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise EnvironmentIncomplete(f"The member {first['loc'][0]} cannot be used: {first['msg']}.") from None


async def add_from_environment(
    settings: Settings, environment: Mapping[str, str], wish: Mapping[str, Any], sessions: Sessions
) -> str:
    """Tries the place out, makes the row, and returns its id. ``wish`` as of ``wish_from``."""
    key_ring = KeyRing.parse(settings.secret_keys.get_secret_value())
    caller = Principal(_NOBODY, "command line", frozenset({Scope.LOCATIONS_WRITE}), None)
    wanted = wish_from(environment, **wish)
    async with sessions() as session, session.begin():
        location = await LocationService(session, key_ring, utc_now).prepare(wanted, caller)
    report = await try_out(location, key_ring, settings.storage, utc_now)
    async with sessions() as session, session.begin():
        await LocationService(session, key_ring, utc_now).create(location, report, caller)
        return encode_id("loc", location.id)


def _first(environment: Mapping[str, str], *names: str) -> str:
    found = next((environment[name] for name in names if environment.get(name)), None)
    if found is None:
        raise EnvironmentIncomplete(f"{' or '.join(names)} is not set.")
    return found


def _is_secure(environment: Mapping[str, str]) -> bool:
    name = next((one for one in ("MINIO_USE_SSL", "MINIO_SECURE") if environment.get(one)), None)
    if name is None:
        return True
    word = environment[name].lower()
    if word not in _TRUE | _FALSE:
        raise EnvironmentIncomplete(f"{name} is neither true nor false.")
    return word in _TRUE
