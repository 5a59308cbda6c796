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
    HOOKSREAD = "hooks:read"
    HOOKSWRITE = "hooks:write"
    JOBSREAD = "jobs:read"
    JOBSWRITE = "jobs:write"
    KEYSREAD = "keys:read"
    KEYSWRITE = "keys:write"
    LOCATIONSREAD = "locations:read"
    LOCATIONSWRITE = "locations:write"
    PROJECTSREAD = "projects:read"
    PROJECTSWRITE = "projects:write"
    RAILWAYFORCE = "railway:force"
    RAILWAYREAD = "railway:read"
    RAILWAYWRITE = "railway:write"
    SECRETSREVEAL = "secrets:reveal"

    @classmethod
    def _missing_(cls, value: object) -> "Scope | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
