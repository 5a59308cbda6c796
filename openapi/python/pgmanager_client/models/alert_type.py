from enum import StrEnum


class AlertType(StrEnum):
    BACKUP_COPY_CORRUPT = "backup.copy_corrupt"
    BACKUP_COPY_DELETION_FAILED = "backup.copy_deletion_failed"
    BACKUP_COPY_FAILED = "backup.copy_failed"
    BACKUP_DELETION_FAILED = "backup.deletion_failed"
    BACKUP_FAILED = "backup.failed"
    BACKUP_OVERDUE = "backup.overdue"
    BACKUP_VERIFY_FAILED = "backup.verify_failed"
    CERTIFICATE_CHANGED = "certificate.changed"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    CERTIFICATE_NEARLY_EXPIRED = "certificate.nearly_expired"
    CREDENTIAL_OVERDUE = "credential.overdue"
    DATABASE_DISK_FILLING = "database.disk_filling"
    DATABASE_DISK_NEARLY_FULL = "database.disk_nearly_full"
    DATABASE_LEFT_PUBLIC = "database.left_public"
    DATABASE_UNREACHABLE = "database.unreachable"
    JOB_OVERDUE = "job.overdue"
    POOLER_STOPPED = "pooler.stopped"
    RAILWAY_CONNECTION_REFUSED = "railway.connection_refused"
    RAILWAY_ORPHAN = "railway.orphan"
    RAILWAY_SCHEMA_DRIFT = "railway.schema_drift"
    RESTORE_UNCONFIRMED = "restore.unconfirmed"
    RETENTION_BLOCKED = "retention.blocked"
    SCHEDULE_MISSED = "schedule.missed"
    STORAGE_CLOCK_SKEW = "storage.clock_skew"

    @classmethod
    def _missing_(cls, value: object) -> "AlertType | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
