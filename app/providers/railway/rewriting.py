"""References inside the unrendered value of a variable: led to a service's new name, and told from secrets."""

import re
from typing import Final

_REFERENCE: Final = re.compile(r"\$\{\{([^{}]{1,300})\}\}")
# Values in which nothing can be a secret, with "\0" for each reference: an address, and the URL that the template composes.
_WITHOUT_SECRETS: Final = re.compile(
    r"\0(:543[23])?|postgres(ql)?://\0:\0@\0(:(543[23]|\0))?/\0(\?sslmode=(require|verify-ca|verify-full))?"
)
MASK: Final = "***"


def renamed(value: str, old: str, new: str) -> str:
    """Every reference to ``old`` names ``new`` instead; the rest stays to the letter."""

    def lead(match: re.Match[str]) -> str:
        service, dot, variable = match[1].rpartition(".")
        return f"${{{{{new}.{variable.strip()}}}}}" if dot and service.strip() == old else match[0]

    return _REFERENCE.sub(lead, value)


def reference(service_name: str, variable: str) -> str:
    """As Railway writes it; a name may hold spaces."""
    return f"${{{{{service_name}.{variable}}}}}"


def shown(value: str) -> str:
    """The value if it is made of references, and masked if anything in it might be a secret."""
    return value if _WITHOUT_SECRETS.fullmatch(_REFERENCE.sub("\0", value)) else MASK
