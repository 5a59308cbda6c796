from enum import StrEnum


class AlertType(StrEnum):
    BACKUP_DELETION_FAILED = "backup.deletion_failed"
    BACKUP_FAILED = "backup.failed"
    DATABASE_UNREACHABLE = "database.unreachable"
    JOB_OVERDUE = "job.overdue"
    RESTORE_UNCONFIRMED = "restore.unconfirmed"
    STORAGE_CLOCK_SKEW = "storage.clock_skew"

    @classmethod
    def _missing_(cls, value: object) -> "AlertType | None":
        """A value that only a newer service knows."""
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
