"""What a new PostgreSQL is made of: the official template with our password in it, or a patch of the same shape."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from pydantic import Field

from app.providers.protocol import ServerSpec
from app.providers.railway.client import Exactly, RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.errors import RailwayProblem
from app.providers.railway.inventory import is_postgres
from app.providers.railway.options import RailwayOptions
from app.providers.railway.place import Place
from app.providers.railway.proxies import PORT

CODE: Final = "postgres"
MOUNT_PATH: Final = "/var/lib/postgresql/data"
PASSWORD: Final = "POSTGRES_PASSWORD"  # noqa: S105 (the name of the variable)


class TemplateChanged(RailwayProblem):
    code, title, changed_nothing = (
        "RAILWAY_TEMPLATE_CHANGED",
        "Railway's template for PostgreSQL is another one now",
        True,
    )
    way_out = "Name a major version, which makes the service without the template, and update this service."

    def __init__(self, what: str) -> None:
        super().__init__(f"a template that this version does not understand: {what}", operation="template")


class Template(Result):
    id: str
    name: str
    serialized_config: dict[str, Any] | None


class _Answer(Result):
    template: Template


class _Deployed(Result):
    workflow_id: str | None


class _Deployment(Result):
    deployed: _Deployed = Field(alias="templateDeployV2")


async def official_template(client: RailwayClient, code: str = CODE) -> Template:
    return (await client.read(document("template"), {"code": code}, _Answer)).template


def filled(template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    """The template's own document with ``values``, and its defaults where there are none; the rest stays as it is.

    Raises TemplateChanged unless it is one PostgreSQL with a volume, a user, a password and a database to choose.
    """
    config = deepcopy(template.serialized_config or {})
    services = [service for service in _mapping(config.get("services")).values() if isinstance(service, dict)]
    if len(services) != 1:
        raise TemplateChanged(f"it has {len(services)} services instead of one")
    service = services[0]
    image = _mapping(service.get("source")).get("image")
    if not is_postgres(image if isinstance(image, str) else None):
        raise TemplateChanged("its service is no PostgreSQL")
    mounts = [_mapping(mount).get("mountPath") for mount in _mapping(service.get("volumeMounts")).values()]
    if mounts != [MOUNT_PATH]:
        raise TemplateChanged(f"its volume is not mounted at {MOUNT_PATH}")
    variables = _mapping(service.get("variables"))
    if missing := values.keys() - variables.keys():
        raise TemplateChanged(f"it has no {', '.join(sorted(missing))}")
    for name, variable in variables.items():
        if not isinstance(variable, dict):
            raise TemplateChanged(f"its variable {name} has another form")
        if name in values:
            variable["value"] = values[name]
        elif not variable.get("isOptional") and variable.get("defaultValue") is not None:
            variable["value"] = variable["defaultValue"]
    return config


async def deploy(client: RailwayClient, place: Place, template: Template, config: dict[str, Any]) -> str | None:
    """The workflow that makes the service; Railway does not say which service that will be. Raises OutcomeUnknown."""
    wish = {
        "templateId": template.id,
        "serializedConfig": Exactly(config),
        "projectId": place.project_id,
        "environmentId": place.environment_id,
    }
    return (await client.change(document("templateDeployV2"), {"input": wish}, _Deployment)).deployed.workflow_id


def login(spec: ServerSpec) -> dict[str, str]:
    return {
        "POSTGRES_USER": spec.username,
        PASSWORD: spec.password.get_secret_value(),
        "POSTGRES_DB": spec.database,
    }


def patch_of(spec: ServerSpec, options: RailwayOptions, *, service_id: str, volume_id: str) -> dict[str, Any]:
    """One service with one volume, both under ids of ours, and the variables that the template would give it."""
    variables = {
        **login(spec),
        "PGDATA": f"{MOUNT_PATH}/pgdata",
        "PGHOST": "${{RAILWAY_PRIVATE_DOMAIN}}",
        "PGPORT": str(PORT),
        "PGUSER": "${{POSTGRES_USER}}",
        "PGPASSWORD": "${{POSTGRES_PASSWORD}}",
        "PGDATABASE": "${{POSTGRES_DB}}",
        "DATABASE_URL": _url("${{RAILWAY_PRIVATE_DOMAIN}}:5432"),
        "DATABASE_PUBLIC_URL": _url("${{RAILWAY_TCP_PROXY_DOMAIN}}:${{RAILWAY_TCP_PROXY_PORT}}"),
        "SSL_CERT_DAYS": "820",
        "RAILWAY_DEPLOYMENT_DRAINING_SECONDS": "60",
    }
    deploy: dict[str, Any] = {"requiredMountPath": MOUNT_PATH}
    volume: dict[str, Any] = {"isCreated": True}
    if options.region is not None:
        deploy["multiRegionConfig"] = {options.region: {"numReplicas": 1}}
        volume["region"] = options.region
    if options.volume_size_mb is not None:
        volume["sizeMB"] = options.volume_size_mb
    service: dict[str, Any] = {
        "isCreated": True,
        "source": {"image": options.image_of(spec.major)},
        "variables": {name: {"value": value} for name, value in variables.items()},
        "deploy": deploy,
        "volumeMounts": {volume_id: {"mountPath": MOUNT_PATH}},
    }
    if options.public_access:
        service["networking"] = {"tcpProxies": {str(PORT): {}}}
    return {"services": {service_id: service}, "volumes": {volume_id: volume}}


def _url(address: str) -> str:
    return f"postgresql://${{{{PGUSER}}}}:${{{{POSTGRES_PASSWORD}}}}@{address}/${{{{PGDATABASE}}}}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
