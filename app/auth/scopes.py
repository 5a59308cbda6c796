"""What a key may do. Reads never imply writes, and no scope implies another."""

from enum import StrEnum


class Scope(StrEnum):
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    DATABASES_READ = "databases:read"
    DATABASES_WRITE = "databases:write"
    DATABASES_OPERATE = "databases:operate"
    CONNECTIONS_READ = "connections:read"
    SECRETS_REVEAL = "secrets:reveal"
    LOCATIONS_READ = "locations:read"
    LOCATIONS_WRITE = "locations:write"
    BACKUPS_READ = "backups:read"
    BACKUPS_WRITE = "backups:write"
    BACKUPS_PIN = "backups:pin"
    BACKUPS_RESTORE = "backups:restore"
    BACKUPS_DOWNLOAD = "backups:download"
    CONNECTIONS_WRITE = "connections:write"
    ROLES_READ = "roles:read"
    ROLES_WRITE = "roles:write"
    ROLES_ROTATE = "roles:rotate"
    ROLES_TEMPORARY = "roles:temporary"
    POOLER_READ = "pooler:read"
    POOLER_WRITE = "pooler:write"
    NETWORK_READ = "network:read"
    NETWORK_WRITE = "network:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    EXTENSIONS_READ = "extensions:read"
    EXTENSIONS_WRITE = "extensions:write"
    RAILWAY_READ = "railway:read"
    RAILWAY_WRITE = "railway:write"
    RAILWAY_FORCE = "railway:force"
    HOOKS_READ = "hooks:read"
    HOOKS_WRITE = "hooks:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    ALERTS_READ = "alerts:read"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    AUDIT_READ = "audit:read"


class Preset(StrEnum):
    READ_ONLY = "read-only"
    OPERATOR = "operator"
    ADMIN = "admin"


# Scopes that hand out secrets or data, overwrite data or what others have prepared, or make keys or ways in: only the
# admin preset has them.
SENSITIVE = frozenset(
    {
        Scope.SECRETS_REVEAL,
        Scope.BACKUPS_RESTORE,
        Scope.BACKUPS_DOWNLOAD,
        Scope.ROLES_WRITE,
        Scope.ROLES_TEMPORARY,
        Scope.NETWORK_WRITE,
        Scope.RAILWAY_WRITE,
        Scope.RAILWAY_FORCE,
        Scope.HOOKS_WRITE,
        Scope.KEYS_WRITE,
    }
)

_READ_ONLY = frozenset(scope for scope in Scope if scope.endswith(":read")) - {Scope.KEYS_READ, Scope.AUDIT_READ}

PRESETS: dict[Preset, frozenset[Scope]] = {
    Preset.READ_ONLY: _READ_ONLY,
    Preset.OPERATOR: frozenset(Scope) - SENSITIVE - {Scope.KEYS_READ, Scope.AUDIT_READ},
    Preset.ADMIN: frozenset(Scope),
}
