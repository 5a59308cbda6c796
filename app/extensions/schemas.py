"""Extensions as callers see and wish them."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from app.auth.schemas import View
from app.extensions.known import PRELOADED
from app.kit.names import STORABLE, PostgresName
from app.postgres.extensions import Extension
from app.postgres.parameter_values import entries

ExtensionName = PostgresName
Version = Annotated[str, Field(min_length=1, max_length=60), STORABLE]


class AvailableExtensionView(View):
    name: str
    installed_version: str | None = Field(description="Null: the logical database does not have it.")
    newest_version: str | None = Field(description="Of the server's packages; null where they lack it.")
    versions: list[str]
    schema_name: str | None = Field(serialization_alias="schema", description="Where its objects are.")
    owner: str | None
    relocatable: bool = Field(description="Whether its schema can be changed.")
    trusted: bool = Field(description="Whether it takes no superuser, but CREATE on the database.")
    requires: list[str]
    required_by: list[str] = Field(description="Other extensions of the logical database.")
    preload_library: str | None = Field(
        description="What the server has to load when it starts; a change is a restart."
    )
    preloaded: bool | None = Field(
        description="Whether it has; null where none is needed, or our login may not see it."
    )
    description: str | None

    @classmethod
    def of(cls, extension: Extension, preloaded: str | None) -> Self:
        library = PRELOADED.get(extension.name)
        return cls(
            name=extension.name,
            installed_version=extension.installed,
            newest_version=extension.newest,
            versions=list(extension.versions),
            schema_name=extension.schema,
            owner=extension.owner,
            relocatable=extension.relocatable,
            trusted=extension.trusted,
            requires=list(extension.requires),
            required_by=list(extension.required_by),
            preload_library=library,
            preloaded=None if library is None or preloaded is None else is_preloaded(library, preloaded),
            description=extension.description,
        )


class ExtensionPut(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Version | None = Field(
        default=None, description="The newest for a new one; as it is for one that is there."
    )
    schema_name: PostgresName | None = Field(
        default=None,
        alias="schema",
        description="One that exists. The extension's own choice, else `public`, by default.",
    )
    cascade: bool = Field(default=False, description="Also install what it requires.")


class ExtensionRemoved(View):
    name: str
    dropped: list[str] = Field(description="What went with it.")


def is_preloaded(library: str, setting: str) -> bool:
    try:
        return library in {name.removeprefix("$libdir/") for name in entries("shared_preload_libraries", setting)}
    except ValueError:
        return False
