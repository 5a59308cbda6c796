"""What a kind of job declares about itself: its arguments, its bounds and whom it excludes."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from app.jobs.conflicts import ConflictClass

_OF_THE_PROVIDER = (None, ConflictClass.CHANGE, ConflictClass.SNAPSHOT)


class JobArgs(BaseModel):
    """The arguments of one kind of job: frozen, ids and options only, never a secret (the row is shown to callers).

    A subclass declares the kind::

        class TakeBackup(JobArgs, kind="backup.take", conflict=ConflictClass.BACKUP, scope=Scope.BACKUPS_WRITE): ...

    ``scope`` is what a caller needs to start such a job, and so to retry one. ``attempts`` bounds how often one step may
    be taken, dying included; ``deadline_seconds`` bounds the whole job from its first claim on. ``priority``: smaller is
    sooner. ``conflict=None`` is for kinds that touch no managed database. ``connects=False`` is for those that only ask
    the provider and never log in to the server: any worker can run them. ``version`` grows when old rows no longer
    validate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    version: ClassVar[int]
    scope: ClassVar[str]
    conflict: ClassVar[ConflictClass | None]
    connects: ClassVar[bool]
    attempts: ClassVar[int]
    deadline_seconds: ClassVar[float]
    priority: ClassVar[int]
    cancellable: ClassVar[bool]

    def __init_subclass__(
        cls,
        *,
        kind: str,
        conflict: ConflictClass | None,
        scope: str,
        connects: bool | None = None,
        version: int = 1,
        attempts: int = 5,
        deadline_seconds: float = 86_400,
        priority: int = 100,
        cancellable: bool = True,
        **options: Any,
    ) -> None:
        super().__init_subclass__(**options)
        if kind in KINDS:
            message = f"the job kind {kind} is declared twice"
            raise TypeError(message)
        cls.kind, cls.version, cls.scope, cls.conflict = kind, version, scope, conflict
        cls.connects = conflict not in _OF_THE_PROVIDER if connects is None else connects
        cls.attempts, cls.deadline_seconds = attempts, deadline_seconds
        cls.priority, cls.cancellable = priority, cancellable
        KINDS[kind] = cls

    def subject_id(self) -> str | None:
        """The outside id of the resource that these arguments make or change, where the kind has one."""
        return None

    def scopes(self) -> tuple[str, ...]:
        """All that whoever starts such a job with these arguments needs."""
        return (self.scope,)

    def needs_label(self) -> bool:
        """Whether it is left to the workers of the label of its databases, where they have one."""
        return self.connects


KINDS: dict[str, type[JobArgs]] = {}
"""Every declared kind. A process knows the kinds whose modules it imported."""
