"""What can stand against making or removing a database."""

from collections.abc import Sequence
from uuid import UUID

from app.errors import Conflict, Problem, Unprocessable
from app.kit.ids import encode_id


class ProviderUnknown(Unprocessable):
    code, title = "PROVIDER_UNAVAILABLE", "The provider is not offered here"

    def __init__(self, provider: str) -> None:
        super().__init__(f"This installation offers no provider {provider}.", provider=provider)


class EnvironmentMissing(Unprocessable):
    code, title = "ENVIRONMENT_MISSING", "There is no such environment"

    def __init__(self, environment_id: UUID | None) -> None:
        super().__init__(
            "The project has no environment of the kind production; name one by environment_id."
            if environment_id is None
            else f"The project has no environment {encode_id('env', environment_id)}."
        )


class DatabaseProtected(Conflict):
    code, title = "PROTECTED", "The database is protected"

    def __init__(self) -> None:
        super().__init__(
            "The database is protected from deletion. Set protected to false first (PATCH), then delete it."
        )


class ConfirmationMissing(Conflict):
    code, title = "CONFIRMATION_MISSING", "The deletion was not confirmed"

    def __init__(self, name: str, *, keep_server: bool = False) -> None:
        what = (
            "Forgetting a database ends its backups and alerts"
            if keep_server
            else "Deleting a database destroys its data"
        )
        super().__init__(
            f"{what}. Repeat the request with confirm={name} to say you mean it; dry_run=true tells what would happen."
        )


class ServerUnattended(Conflict):
    code, title = "PROVIDER_CANNOT", "The server cannot be kept without its database"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"The server of a database of the provider {provider} is run by this service: nobody would run it any more, and "
            "its data would lie here unseen. Take a backup, then delete the database without keep_server.",
            provider=provider,
        )


class FinalBackupImpossible(Conflict):
    code, title = "FINAL_BACKUP_IMPOSSIBLE", "No final backup can be taken"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A production database gets a final backup before it is deleted, but {reason}. "
            "Mend that, or give it up with final_backup=false."
        )


class ServerFailed(Problem):
    """The provider's server does not come up."""

    status, code, title, retryable = 502, "SERVER_FAILED", "The server does not run", True


class ConnectionMissing(Unprocessable):
    code, title = "RAILWAY_CONNECTION_MISSING", "There is no such token for Railway"

    def __init__(self, connection_id: UUID) -> None:
        super().__init__(
            f"The project has no Railway connection {encode_id('rwc', connection_id)}. "
            "Register its token by POST /v1/railway-connections."
        )


class RailwayEnvironmentUnnamed(Unprocessable):
    code, title = "RAILWAY_ENVIRONMENT_UNNAMED", "Where at Railway is not said"

    def __init__(self) -> None:
        super().__init__(
            "The environment is not linked to one at Railway yet, and the token is not that of one environment: give "
            "railway_project_id and railway_environment_id. GET /v1/railway-connections/{id}/projects lists them."
        )


class RailwayEnvironmentMismatch(Unprocessable):
    code, title = "RAILWAY_ENVIRONMENT_MISMATCH", "These ids do not belong together"

    def __init__(self, environment_id: str, belongs_to: str) -> None:
        super().__init__(
            f"Railway's environment {environment_id} belongs to its project {belongs_to}, not to the one that was named."
        )


class EnvironmentLinkedElsewhere(Conflict):
    code, title = "ENVIRONMENT_LINKED_ELSEWHERE", "The environment stands for another one at Railway"

    def __init__(self, name: str, railway_environment_id: str, connection_id: UUID) -> None:
        super().__init__(
            f"The environment {name} is linked to Railway's environment {railway_environment_id}, reached by "
            f"{encode_id('rwc', connection_id)}. Use those, or put the database into another environment.",
            railway_environment_id=railway_environment_id,
            connection_id=encode_id("rwc", connection_id),
        )


class ServiceNameTaken(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"Railway's environment has a service {name} already; give another service_name.")


class RegionUnknown(Unprocessable):
    code, title = "RAILWAY_REGION_UNKNOWN", "There is no such region at Railway"

    def __init__(self, region: str, regions: Sequence[str]) -> None:
        super().__init__(
            f"Railway's project has no region {region}. There are: {', '.join(regions) or 'none'}.",
            regions=list(regions),
        )


class ServiceMissing(Unprocessable):
    code, title = "RAILWAY_SERVICE_MISSING", "There is no such service at Railway"

    def __init__(self, service_id: str) -> None:
        super().__init__(
            f"Railway's environment has no service {service_id}. GET /v1/railway-connections/{{id}}/services lists those that "
            "run PostgreSQL."
        )


class ServiceNotPostgres(Unprocessable):
    code, title = "RAILWAY_SERVICE_NOT_POSTGRES", "The service is no PostgreSQL that can be adopted"


class PoolerInTheWay(Conflict):
    code, title = "POOLER_IN_THE_WAY", "The database has a pooler at Railway"

    def __init__(self, database_id: UUID) -> None:
        pooler = f"/v1/databases/{encode_id('db', database_id)}/pooler"
        super().__init__(
            "Its pooler is a service of its own at Railway, which would be billed on and lead nowhere, and only the database's "
            f"service tells how to remove it. DELETE {pooler} first, or forget the database with keep_server=true."
        )


class ServiceAdopted(Conflict):
    code, title = "RAILWAY_SERVICE_ADOPTED", "The service is a database here already"

    def __init__(self, database_id: UUID | None) -> None:
        which = f"It is {encode_id('db', database_id)}" if database_id else "It is one of another project"
        super().__init__(f"{which}; one service is one database.")
