"""Names that callers give to things."""

from typing import Annotated

from pydantic import Field

# They are typed into shells, URLs and file names, so: no quotes, no slashes, no spaces at the ends.
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$",
        description="1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends.",
    ),
]
