"""Templates: what the catalogue has, readable by everybody, and how one is deployed.

A template's config is passed back with a value in every variable that needs one; those with a generator get theirs from
the platform. The services that come of it are named as in the template, with an ending when the name is taken. Nothing
in the answer tells their ids.
"""

from collections.abc import Mapping
from typing import Any, Final

from tests.railway_simulator import bouncers, reach, workflows
from tests.railway_simulator.committing import commit
from tests.railway_simulator.config import MARKS, section
from tests.railway_simulator.errors import BadInput, NotAuthorized, NotFound, Refusal
from tests.railway_simulator.model import Environment, Project
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.services import add
from tests.railway_simulator.staged import stage
from tests.railway_simulator.tokens import BEARERS, EVERYBODY
from tests.railway_simulator.variables import generated

DATA: Final = "/var/lib/postgresql/data"
IMAGE: Final = "ghcr.io/railwayapp-templates/postgres-ssl"
POSTGRES_ID: Final = "9f1d4d5c-61f3-4a5e-9a57-2c1b7d1f5001"
PITR_ID: Final = "9f1d4d5c-61f3-4a5e-9a57-2c1b7d1f5002"
POOLER_ID: Final = "9f1d4d5c-61f3-4a5e-9a57-2c1b7d1f5003"
POOLER_CODE: Final = "postgres-with-pgbouncer"
_ROOT: Final = "7c1e0b52-25a4-4f6f-8d0a-0d6c6f3c1001"
_POOLER: Final = "7c1e0b52-25a4-4f6f-8d0a-0d6c6f3c1002"
_PASSWORD: Final = {"type": "secret", "length": 32, "characters": "letters"}
VARIABLES: Final[Mapping[str, str | None]] = {
    "POSTGRES_USER": "postgres",
    "POSTGRES_PASSWORD": None,
    "POSTGRES_DB": "railway",
    "PGDATA": f"{DATA}/pgdata",
    "PGHOST": "${{RAILWAY_PRIVATE_DOMAIN}}",
    "PGPORT": "5432",
    "PGUSER": "${{POSTGRES_USER}}",
    "PGPASSWORD": "${{POSTGRES_PASSWORD}}",
    "PGDATABASE": "${{POSTGRES_DB}}",
    "DATABASE_URL": "postgresql://${{PGUSER}}:${{POSTGRES_PASSWORD}}@${{RAILWAY_PRIVATE_DOMAIN}}:5432/${{PGDATABASE}}",
    "DATABASE_PUBLIC_URL": "postgresql://${{PGUSER}}:${{POSTGRES_PASSWORD}}@${{RAILWAY_TCP_PROXY_DOMAIN}}"
    ":${{RAILWAY_TCP_PROXY_PORT}}/${{PGDATABASE}}",
    "SSL_CERT_DAYS": "820",
    "RAILWAY_DEPLOYMENT_DRAINING_SECONDS": "60",
}
# What the pooler is told. By the template's own names for the two services.
POOLER_VARIABLES: Final = {
    bouncers.UPSTREAM: "${{Postgres.RAILWAY_PRIVATE_DOMAIN}}",
    "PGUSER": "${{Postgres.POSTGRES_USER}}",
    "PGPASSWORD": "${{Postgres.POSTGRES_PASSWORD}}",
    "POOL_MODE": "transaction",
    "MAX_CLIENT_CONN": "1000",
    "DEFAULT_POOL_SIZE": "70",
    "MAX_PREPARED_STATEMENTS": "300",
}
# What becomes of the database's own addresses.
POOLED_VARIABLES: Final = {
    "DATABASE_URL": "postgresql://${{PGUSER}}:${{POSTGRES_PASSWORD}}@${{PgBouncer.RAILWAY_PRIVATE_DOMAIN}}:5432/${{PGDATABASE}}",
    "DATABASE_UNPOOLED_URL": VARIABLES["DATABASE_URL"] or "",
}


def image(platform: Platform) -> str:
    return platform.settings.template_image or f"{IMAGE}:{max(platform.machines.majors)}"


def _catalogue(platform: Platform) -> dict[str, dict[str, Any]]:
    """By code. Private by default: no template asks for a TCP proxy."""
    database = {
        "name": "Postgres",
        "icon": "https://devicons.railway.app/i/postgresql.svg",
        "source": {"image": image(platform)},
        "deploy": {"requiredMountPath": DATA},
        "networking": {},
        "variables": {
            name: {"isOptional": False} | ({"generator": _PASSWORD} if value is None else {"defaultValue": value})
            for name, value in VARIABLES.items()
        },
        "volumeMounts": {_ROOT: {"mountPath": DATA}},
    }
    archiving = {
        "name": "Postgres",
        "clusterRole": "root",
        "variables": {"WAL_ARCHIVE_BUCKET": {"defaultValue": "postgres-pitr", "isOptional": False}},
    }
    pooler = {
        "name": "PgBouncer",
        "clusterRole": "edge",
        "source": {"image": f"{bouncers.IMAGE}:latest"},
        "variables": _defaults(POOLER_VARIABLES),
    }
    root = {"name": "Postgres", "clusterRole": "root", "variables": _defaults(POOLED_VARIABLES)}
    return {
        "postgres": {"id": POSTGRES_ID, "name": "Postgres", "services": {_ROOT: database}},
        "postgres-pitr": {"id": PITR_ID, "name": "Postgres PITR", "services": {_ROOT: archiving}},
        POOLER_CODE: {
            "id": POOLER_ID,
            "name": "Postgres with PgBouncer",
            "services": {_ROOT: root, _POOLER: pooler},
        },
    }


def _defaults(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"defaultValue": value, "isOptional": False} for name, value in values.items()}


@query(kinds=EVERYBODY)
async def template(call: Call, *, code: str | None = None) -> dict[str, Any]:
    found = _catalogue(call.platform).get(code or "")
    if found is None:
        raise NotFound("Template")
    return {"id": found["id"], "name": found["name"], "serializedConfig": {"services": found["services"]}}


@mutation()
async def template_deploy_v2(call: Call, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    platform = call.platform
    if input["template_id"] not in {one["id"] for one in _catalogue(platform).values()}:
        raise NotFound("Template")
    environment = _environment(call, input)
    root, stage_only = input.get("existing_root_service_id"), bool(input.get("stage_only"))
    if root is not None:
        reach.instance(call, environment.id, root)
    services = section(input["serialized_config"], "services")
    if not services:
        raise BadInput("The template's config has no services")
    patch, names = _compiled(services, root)

    async def work() -> None:
        if not stage_only:
            await commit(platform, environment, patch, names=names)
            return
        actual = {}
        for service_id, name in names.items():
            actual[name] = add(platform, environment.project_id, service_id, name).name
        if root is not None:
            actual["Postgres"] = platform.services[root].name
            if platform.settings.overlays_lead_readers:
                for made in names:
                    _lead(platform, environment, patch, platform.services[root].name, platform.services[made].name)
        _rename(patch, actual)
        stage(platform, environment, patch, merge=True)

    workflow_id = workflows.start(call, "deployTemplate", work)
    return {"projectId": environment.project_id, "workflowId": workflow_id}


# Back to what the service was without it; what the template knows of, and no more.
@mutation()
async def template_revert(call: Call, *, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 (the schema's name)
    platform, environment = call.platform, reach.environment(call, input["environment_id"])
    reach.belongs(environment, input["project_id"])
    root = reach.instance(call, environment.id, input["root_service_id"])
    if input["template_code"] != POOLER_CODE:
        raise NotFound("Template")
    children = [
        one
        for one in platform.instances_in(environment.id)
        if one.deleted_at is None
        and one.marks.get("parentServiceId") == root.service_id
        and (one.image or "").startswith(bouncers.IMAGE)
    ]
    if not children:
        raise Refusal("The template is not applied to this service")
    names = platform.services[root.service_id].name

    async def work() -> None:
        former = {name: VARIABLES.get(name) for name in POOLED_VARIABLES}
        changes = {name: None if value is None else {"value": value} for name, value in former.items()}
        patch: dict[str, Any] = {"services": {root.service_id: {"variables": changes}}}
        for child in children:
            patch["services"][child.service_id] = {"isDeleted": True}
            if platform.settings.overlays_lead_readers:
                _lead(platform, environment, patch, platform.services[child.service_id].name, names)
        if input.get("stage_only"):
            stage(platform, environment, patch, merge=True)
        else:
            await commit(platform, environment, patch)

    workflow_id = workflows.start(call, "revertTemplate", work)
    return {"projectId": environment.project_id, "workflowId": workflow_id}


def _lead(platform: Platform, environment: Environment, patch: dict[str, Any], old: str, new: str) -> None:
    """References of the other services to the one are to the other afterwards."""
    for one in platform.instances_in(environment.id):
        if one.deleted_at is not None or one.service_id in patch["services"]:
            continue
        changed = {
            name: {"value": variable.value.replace(f"${{{{{old}.", f"${{{{{new}.")}
            for name, variable in one.variables.items()
            if f"${{{{{old}." in variable.value
        }
        if changed:
            patch["services"][one.service_id] = {"variables": changed}


def _rename(patch: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """References by the names in the template become ones by the names that the services have."""
    for service in patch["services"].values():
        for variable in service.get("variables", {}).values():
            for old, new in names.items():
                variable["value"] = variable["value"].replace(f"${{{{{old}.", f"${{{{{new}.")


def _environment(call: Call, wanted: Mapping[str, Any]) -> Environment:
    """The one that is named, the project's first, or the first of a new project."""
    platform = call.platform
    if wanted.get("environment_id") is not None:
        environment = reach.environment(call, wanted["environment_id"])
        if wanted.get("project_id") is not None:
            reach.belongs(environment, wanted["project_id"])
        return environment
    if wanted.get("project_id") is not None:
        project = reach.project(call, wanted["project_id"])
        for environment in platform.environments.values():
            if environment.project_id == project.id and environment.deleted_at is None:
                return reach.environment(call, environment.id)
        raise NotFound("Environment")
    if call.token.kind not in BEARERS:
        raise NotAuthorized
    workspace_id = wanted.get("workspace_id") or call.token.workspace_id or next(iter(platform.workspaces))
    workspace = reach.workspace(call, workspace_id)
    project = Project(id=new_id(), created_at=platform.now(), workspace_id=workspace.id, name=f"project-{new_id()[:4]}")
    platform.projects[project.id] = project
    made = Environment(id=new_id(), created_at=platform.now(), project_id=project.id, name="production")
    platform.environments[made.id] = made
    return made


def _compiled(services: Mapping[str, Any], root: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """The template as a patch of the environment, and the names of the services that it makes. Raises BadInput."""
    patch: dict[str, Any] = {"services": {}, "volumes": {}}
    names: dict[str, str] = {}
    for name_there, service in services.items():
        if not isinstance(service, Mapping):
            raise BadInput(f"Invalid template config: services.{name_there}")
        onto_root = root is not None and service.get("clusterRole") in (None, "root")
        service_id = root if root is not None and onto_root else new_id()
        entry: dict[str, Any] = {"variables": _valued(section(service, "variables"))}
        for key in ("source", "networking", *MARKS):
            if key in service and not onto_root:
                entry[key] = service[key]
        if not onto_root:
            names[service_id] = str(service.get("name") or "service")
            entry["isCreated"] = True
            if root is not None:
                entry["parentServiceId"] = root
            for mount in section(service, "volumeMounts").values():
                volume_id = new_id()
                patch["volumes"][volume_id] = {"isCreated": True}
                entry["volumeMounts"] = {volume_id: {"mountPath": mount["mountPath"]}}
        patch["services"][service_id] = entry
    return patch, names


def _valued(variables: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    missing = []
    for name, variable in variables.items():
        value = variable.get("value")
        if isinstance(value, str):
            found[name] = {"value": value}
        elif variable.get("generator") is not None:
            found[name] = {"value": generated(variable["generator"])}
        elif not variable.get("isOptional"):
            missing.append(name)
    if missing:
        raise BadInput(f"Missing values for required variables: {', '.join(missing)}")
    return found
