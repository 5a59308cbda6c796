"""Who calls, as far as everything below the router needs to know."""

from dataclasses import dataclass, field
from uuid import UUID

from app.auth.errors import ScopeMissing
from app.kit.ids import encode_id


@dataclass(frozen=True, slots=True)
class Principal:
    key_id: UUID
    name: str
    scopes: frozenset[str]
    # None means every project.
    project_ids: frozenset[UUID] | None
    address: str | None = field(default=None, kw_only=True)
    user_agent: str | None = field(default=None, kw_only=True)

    @property
    def actor(self) -> str:
        """How rows and logs name the caller."""
        return encode_id("key", self.key_id)

    def may_see(self, project_id: UUID | None) -> bool:
        """What belongs to no project is seen only by keys that cover all of them."""
        return self.project_ids is None or project_id in self.project_ids

    def require(self, scope: str) -> None:
        """Raises ScopeMissing."""
        if scope not in self.scopes:
            raise ScopeMissing(scope)
