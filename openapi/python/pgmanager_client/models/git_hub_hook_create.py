from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="GitHubHookCreate")


@_attrs_define
class GitHubHookCreate:
    """A backup before a deployment. Send it the events `push`, `deployment` or `workflow_run`, whichever comes first."""

    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    database_id: str
    kind: Literal["github"]
    branches: list[str] | Unset = UNSET
    """ Names, or patterns with `*` and `?`. Every branch when empty. """
    logical_databases: list[str] | Unset = UNSET
    """ Those to back up. All that the server has when empty. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        database_id = self.database_id

        kind = self.kind

        branches: list[str] | Unset = UNSET
        if not isinstance(self.branches, Unset):
            branches = self.branches

        logical_databases: list[str] | Unset = UNSET
        if not isinstance(self.logical_databases, Unset):
            logical_databases = self.logical_databases

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "database_id": database_id,
                "kind": kind,
            }
        )
        if branches is not UNSET:
            field_dict["branches"] = branches
        if logical_databases is not UNSET:
            field_dict["logical_databases"] = logical_databases

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        database_id = d.pop("database_id")

        kind = cast(Literal["github"], d.pop("kind"))
        if kind != "github":
            raise ValueError(f"kind must match const 'github', got '{kind}'")

        branches = cast(list[str], d.pop("branches", UNSET))

        logical_databases = cast(list[str], d.pop("logical_databases", UNSET))

        git_hub_hook_create = cls(
            name=name,
            database_id=database_id,
            kind=kind,
            branches=branches,
            logical_databases=logical_databases,
        )

        return git_hub_hook_create
