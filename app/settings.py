"""The settings: environment variables with the prefix ``PGM_``, groups separated by ``__``, read once at start.

There is no settings file. Every field has a description, and the table in the README is made of them.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.kit.addresses import may_be_public
from app.kit.sealing import KeyRing
from app.kit.signatures import parse_secrets

PREFIX = "PGM_"
MIB = 1024 * 1024
PEPPER_BYTES = 32
LEAST_DISTINCT_BYTES = 16  # 32 random bytes have about 30; a typed phrase, a pattern or zeros have fewer


class SettingsInvalid(Exception):
    """One line for the operator: which variable, what is wrong with it, how to make a good value."""


def _check_pepper(value: Any) -> Any:
    """Raises ValueError, without the value, unless it is base64 of 32 bytes that look random."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    try:
        pepper = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64") from None
    if len(pepper) != PEPPER_BYTES:
        raise ValueError(f"it has {len(pepper)} bytes instead of {PEPPER_BYTES}")
    if len(set(pepper)) < LEAST_DISTINCT_BYTES:
        raise ValueError("it is too regular to be random")
    return value


def _check_ring(value: Any) -> Any:
    KeyRing.parse(value.get_secret_value() if isinstance(value, SecretStr) else str(value))
    return value


def _split_paths(value: Any) -> Any:
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


class Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkerSettings(Group):
    in_process: bool = Field(
        default=True, description="Run a worker inside `serve`; off when `pgmanager worker` runs apart."
    )
    concurrency: int = Field(4, ge=1, le=64, description="Jobs that one worker runs at the same time.")
    label: str | None = Field(
        None,
        description="Also take jobs that only workers of this label can do; `pgmanager worker` then takes no others.",
    )
    grace_seconds: int = Field(
        10, ge=0, le=300, description="Time that jobs get on SIGTERM before they are handed back."
    )
    max_bytes_per_second: int | None = Field(
        None,
        ge=MIB,
        description="Most bytes that uploads and the reading of copies take a second, all jobs of a process together.",
    )


class BackupSettings(Group):
    part_bytes: int = Field(16 * MIB, ge=5 * MIB, le=512 * MIB, description="Size of one part of an upload.")
    parts_in_flight: int = Field(4, ge=1, le=16, description="Parts of one upload that are sent at the same time.")
    compression_level: int = Field(1, ge=1, le=9, description="Level of gzip or zstd in an archive.")
    count_timeout_seconds: int = Field(3600, ge=1, description="Longest time that counting one table may take.")
    fingerprint_seconds: int = Field(
        60, ge=0, description="Longest time for fingerprints of tables, which end with the dump in any case; 0: none."
    )
    safety_days: int = Field(30, ge=0, description="How long a backup from before a restore is kept; 0: for ever.")
    final_days: int = Field(0, ge=0, description="How long a deleted database's final backup is kept; 0: for ever.")


class RestoreSettings(Group):
    readers: int = Field(2, ge=1, le=16, description="Tables of one archive that are loaded at the same time.")
    parallel_from_bytes: int = Field(
        64 * MIB, ge=0, description="Smaller archives are streamed through one `pg_restore`."
    )


class VerificationSettings(Group):
    scratch_servers: int = Field(
        1, ge=1, le=8, description="Servers that one worker may run at a time to verify backups in."
    )
    disk_factor: float = Field(
        2.5, ge=1, description="Free disk that restoring for a verification needs, per byte of the database."
    )
    fingerprint_seconds: int = Field(600, ge=0, description="Longest time for comparing fingerprints of tables.")
    as_superuser: bool = Field(
        default=False,
        description="Restore as superuser, owners and grants included: code in a backup then runs with all rights of the "
        "servers' user on this machine. Off, what needs a superuser is `unverifiable`.",
    )


class ImportSettings(Group):
    max_bytes: int = Field(100 << 30, ge=1, description="Largest file that is imported.")
    max_unpacked_bytes: int = Field(1 << 40, ge=1, description="Most that such a file may hold once it is unpacked.")
    allow_private: bool = Field(
        default=False, description="Fetch files from loopback and private addresses too, and without TLS."
    )


class StorageSettings(Group):
    allow_private_endpoints: bool = Field(
        default=False, description="Accept locations on loopback and private addresses, as the embedded stack does."
    )
    allow_insecure_endpoints: bool = Field(default=False, description="Accept locations without TLS.")


class PostgresSettings(Group):
    extra_bin_dirs: Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split_paths)] = Field(
        (), description="Folders with further PostgreSQL programs, separated by a colon."
    )
    trixie_root: Path | None = Field(
        None, description="A Debian 13 tree whose PostgreSQL clients and PgBouncer run by its own loader."
    )
    run_as_user: str = Field("postgres", description="Who runs servers and clients when this process is root.")


class LocalSettings(Group):
    enabled: bool = Field(
        default=True, description="Offer the provider `local`: clusters on this machine, in `PGM_DATA_DIR`."
    )
    first_port: int = Field(
        24000,
        ge=1024,
        le=65535,
        description="Lowest port that a local cluster or its pooler gets. Stay below `net.ipv4.ip_local_port_range`: "
        "an outgoing connection may hold a port of that range when a server wants its own back.",
    )
    last_port: int = Field(
        24999, ge=1024, le=65535, description="Highest port that a local cluster or its pooler gets."
    )


class LogSettings(Group):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Lowest level that is written.")
    json_lines: bool = Field(default=True, description="One JSON object a line; off for coloured text on a terminal.")


class ApiSettings(Group):
    max_body_bytes: int = Field(MIB, ge=1024, description="Largest request body.")
    public_url: str | None = Field(None, description="Address of this service in the OpenAPI document.")
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses and networks, by commas, whose `X-Forwarded-For` is believed; `*` for all."
    )
    docs: bool = Field(default=True, description="Serve `/docs` and `/openapi.json`.")


class AlertSettings(Group):
    allow_private: bool = Field(
        default=False, description="Accept a webhook on loopback and private addresses, and one without TLS."
    )
    webhook_secrets: SecretStr = Field(
        SecretStr(""), description="What signs the webhook, `whsec_…`; during a change two by comma, the new one first."
    )
    webhook_url: SecretStr = Field(
        SecretStr(""),
        description="Where alerts are announced, `https://…`; without it they are rows and log lines only.",
    )

    @field_validator("webhook_secrets")
    @classmethod
    def _check_secrets(cls, value: SecretStr) -> SecretStr:
        if text := value.get_secret_value():
            parse_secrets(text)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _check_url(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        """The form of it. Where the name leads is looked at by whoever calls it, each time."""
        if not (url := value.get_secret_value()):
            return value
        parts, allow_private = urlsplit(url), info.data.get("allow_private", False)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
            raise ValueError("it is not of the form https://host/path")
        if not allow_private and parts.scheme != "https":
            raise ValueError("it has no TLS; use https, or allow it by PGM_ALERTS__ALLOW_PRIVATE")
        if not allow_private and not may_be_public(parts.hostname):
            raise ValueError("it is on a private address; allow that by PGM_ALERTS__ALLOW_PRIVATE")
        if not info.data.get("webhook_secrets", SecretStr("x")):
            raise ValueError("it needs PGM_ALERTS__WEBHOOK_SECRETS; `pgmanager keys generate` prints one")
        return value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="ignore", populate_by_name=True
    )

    database_url: SecretStr = Field(description="The control plane's own database, `postgresql://…`.")
    secret_keys: Annotated[SecretStr, BeforeValidator(_check_ring)] = Field(
        description="Keys that seal secrets at rest, `name:base64,…`; the first one seals, all of them open."
    )
    api_key_pepper: Annotated[SecretStr, BeforeValidator(_check_pepper)] = Field(
        description="32 bytes in base64 that enter the digest of every API key; changing it revokes them all."
    )
    data_dir: Path = Field(Path("data"), description="Folder of local clusters and of this host's id.")
    host: str | None = Field(None, description="Address to listen on; all of IPv4 and IPv6 when not given.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PGM_PORT", "PORT", "port"),
        description="Port to listen on; `PORT` works too.",
    )
    auto_migrate: bool = Field(
        default=True,
        description="`serve` and `worker` migrate the control database at start; off: `/readyz` waits for it.",
    )
    railway_endpoint: str = Field(
        "https://backboard.railway.com/graphql/v2", description="Railway's GraphQL API; plain HTTP on loopback only."
    )
    railway_requests_per_second: float = Field(
        10.0, gt=0, le=1000, description="Most requests to Railway a second and token; what its plan allows."
    )
    railway_project_id: str | None = Field(
        None,
        validation_alias=AliasChoices("PGM_RAILWAY_PROJECT_ID", "RAILWAY_PROJECT_ID", "railway_project_id"),
        description="The Railway project that this process runs in; Railway itself sets `RAILWAY_PROJECT_ID`.",
    )
    railway_environment_id: str | None = Field(
        None,
        validation_alias=AliasChoices("PGM_RAILWAY_ENVIRONMENT_ID", "RAILWAY_ENVIRONMENT_ID", "railway_environment_id"),
        description="Its environment, whose private names resolve here; Railway sets `RAILWAY_ENVIRONMENT_ID`.",
    )
    worker: WorkerSettings = WorkerSettings()
    backup: BackupSettings = BackupSettings()
    restore: RestoreSettings = RestoreSettings()
    verification: VerificationSettings = VerificationSettings()
    imports: ImportSettings = ImportSettings()
    storage: StorageSettings = StorageSettings()
    postgres: PostgresSettings = PostgresSettings()
    local: LocalSettings = LocalSettings()
    alerts: AlertSettings = AlertSettings()
    log: LogSettings = LogSettings()
    api: ApiSettings = ApiSettings()

    @field_validator("railway_endpoint")
    @classmethod
    def _check_railway_endpoint(cls, value: str) -> str:
        """A token travels there with every request."""
        parts = urlsplit(value)
        if parts.scheme == "https" and parts.hostname:
            return value
        if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"):
            return value
        raise ValueError("it is not of the form https://host/path")

    def pepper(self) -> bytes:
        return base64.b64decode(self.api_key_pepper.get_secret_value())

    def known_secrets(self) -> list[str]:
        """What must never appear in a log, whatever it looks like there."""
        ring = [entry.partition(":")[2].strip() for entry in self.secret_keys.get_secret_value().split(",")]
        password = unquote(urlsplit(self.database_url.get_secret_value()).password or "")
        webhook = [
            *self.alerts.webhook_secrets.get_secret_value().split(","),
            self.alerts.webhook_url.get_secret_value(),
        ]
        return [*ring, self.api_key_pepper.get_secret_value(), password, *(text.strip() for text in webhook if text)]


_REMEDIES = {
    "PGM_DATABASE_URL": "give the control database as postgresql://user:password@host:5432/name",
    "PGM_SECRET_KEYS": "`pgmanager keys generate` prints a good value",
    "PGM_API_KEY_PEPPER": "`pgmanager keys generate` prints a good value",
    "PGM_ALERTS__WEBHOOK_SECRETS": "`pgmanager keys generate` prints a good value",
}


def load_settings() -> Settings:
    """Reads the environment and takes the secrets out of it, so that no child process inherits them.

    Raises SettingsInvalid.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsInvalid(_one_line(error)) from None
    for name, field in variables():
        if field.annotation is SecretStr:
            os.environ.pop(name, None)
    return settings


def standing_elsewhere(settings: Settings, label: str) -> Settings:
    """Of a worker with a label: where it runs is not where this installation is, so that nothing is private to that."""
    worker = settings.worker.model_copy(update={"label": label})
    elsewhere = {"worker": worker, "railway_project_id": None, "railway_environment_id": None}
    return settings.model_copy(update=elsewhere)


def variables(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> Iterator[tuple[str, FieldInfo]]:
    """Every environment variable that is read, with the field that it fills."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            yield from variables(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", field


def _one_line(error: ValidationError) -> str:
    """Only the first problem, and never the value: it may be a secret that went into the wrong variable."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = "__".join(str(part) for part in first["loc"] if isinstance(part, str)).upper()
    variable = path if path.startswith(PREFIX) else f"{PREFIX}{path}"
    problem = (
        "is not set" if first["type"] == "missing" else f"is invalid: {first['msg'].removeprefix('Value error, ')}"
    )
    remedy = _REMEDIES.get(variable)
    return f"{variable} {problem}" + (f"; {remedy}" if remedy else "")
