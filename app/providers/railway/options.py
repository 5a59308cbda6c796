"""What may be wished of a new server at Railway, beyond its major version."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

OFFICIAL_IMAGE: Final = "ghcr.io/railwayapp-templates/postgres-ssl"
# The catalogue's own default at the time of writing.
DEFAULT_MAJOR: Final = 18
LEAST_VOLUME_MB: Final = 500

# It becomes a part of host names and of references such as ${{Name.VARIABLE}}.
ServiceName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=32,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9 _-]*[A-Za-z0-9])?$",
        description="1 to 32 letters, digits, spaces, dashes and underscores; free in Railway's environment.",
    ),
]


class RailwayOptions(BaseModel):
    """What is absent is left to Railway. Nothing in here is secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_access: bool = False
    service_name: str | None = None
    region: str | None = None
    image: str | None = None
    volume_size_mb: int | None = None
    force: bool = False

    def takes_template(self, major: int | None) -> bool:
        """The official template chooses everything itself; a wish for any of it makes a patch of our own."""
        chosen = (major, self.service_name, self.region, self.image, self.volume_size_mb)
        return all(choice is None for choice in chosen)

    def image_of(self, major: int | None) -> str:
        return self.image or f"{OFFICIAL_IMAGE}:{major or DEFAULT_MAJOR}"
