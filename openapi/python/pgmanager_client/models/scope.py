from enum import StrEnum


class Scope(StrEnum):
    ALERTSREAD = "alerts:read"
    AUDITREAD = "audit:read"
    BACKUPSDOWNLOAD = "backups:download"
    BACKUPSPIN = "backups:pin"
    BACKUPSREAD = "backups:read"
    BACKUPSRESTORE = "backups:restore"
    BACKUPSWRITE = "backups:write"
    CONNECTIONSREAD = "connections:read"
    CONNECTIONSWRITE = "connections:write"
    DATABASESOPERATE = "databases:operate"
    DATABASESREAD = "databases:read"
    DATABASESWRITE = "databases:write"
    EXTENSIONSREAD = "extensions:read"
    EXTENSIONSWRITE = "extensions:write"
    HOOKSREAD = "hooks:read"
    HOOKSWRITE = "hooks:write"
    JOBSREAD = "jobs:read"
    JOBSWRITE = "jobs:write"
    KEYSREAD = "keys:read"
    KEYSWRITE = "keys:write"
    LOCATIONSREAD = "locations:read"
    LOCATIONSWRITE = "locations:write"
    NETWORKREAD = "network:read"
    NETWORKWRITE = "network:write"
    POOLERREAD = "pooler:read"
    POOLERWRITE = "pooler:write"
    PROJECTSREAD = "projects:read"
    PROJECTSWRITE = "projects:write"
    RAILWAYFORCE = "railway:force"
    RAILWAYREAD = "railway:read"
    RAILWAYWRITE = "railway:write"
    ROLESREAD = "roles:read"
    ROLESROTATE = "roles:rotate"
    ROLESTEMPORARY = "roles:temporary"
    ROLESWRITE = "roles:write"
    SECRETSREVEAL = "secrets:reveal"
    SETTINGSREAD = "settings:read"
    SETTINGSWRITE = "settings:write"

    @classmethod
    def _missing_(cls, value: object) -> "Scope | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
