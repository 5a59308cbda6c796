"""Values of settings as PostgreSQL reads them: types, units and lists."""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

_NUMBER: Final = re.compile(r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([a-zA-Z]*)\s*")
_MOST_DIGITS: Final = 40
_BASE: Final = re.compile(r"(\d*)([a-zA-Z]+)")
_BYTES: Final = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_MICROSECONDS: Final = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_TRUE: Final = frozenset({"on", "true", "yes", "1", "t", "y"})
_FALSE: Final = frozenset({"off", "false", "no", "0", "f", "n"})
# The server prints six digits of a number with a point.
_TOLERANCE: Final = 1e-5
# Lists that the server writes down with quotes around each entry: given as one text, all of it would be one entry.
QUOTED_LISTS: Final = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
_FOLDED: Final = frozenset({"search_path", "temp_tablespaces"})
_ENTRY: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^",]+?))\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting takes. ``low`` and ``high`` are in ``unit``."""

    name: str
    type: str
    unit: str | None = None
    low: str | None = None
    high: str | None = None
    choices: tuple[str, ...] = ()


def checked(kind: Kind, value: bool | float | str) -> str:  # noqa: FBT001 (a value of a setting, no switch)
    """``value`` as the text to write. Raises ValueError with what the setting takes instead."""
    text = ("on" if value else "off") if isinstance(value, bool) else str(value).strip()
    if "\n" in text or "\r" in text:
        raise ValueError("a value has one line")
    if kind.name in QUOTED_LISTS:
        entries(kind.name, text)
        return text
    found = _parsed(kind, text)
    match kind.type:
        case "bool" if found is None:
            raise ValueError("it takes on or off")
        case "enum" if found is None:
            raise ValueError(f"it takes one of {', '.join(kind.choices)}")
        case "integer" | "real":
            if found is None:
                raise ValueError(f"it takes a number{_with_unit(kind.unit)}")
            _require_range(kind, Decimal(found))
    return text


def normal(kind: Kind, text: str) -> str:
    """One form for all texts that mean the same, in the base unit; ``text`` itself where it means nothing."""
    if kind.name in QUOTED_LISTS:
        try:
            return ", ".join(entries(kind.name, text))
        except ValueError:
            return text
    found = _parsed(kind, text)
    return text if found is None else found


def same(kind: Kind, one: str, other: str) -> bool:
    left, right = normal(kind, one), normal(kind, other)
    if kind.type == "real" and left != right:
        try:
            return math.isclose(float(left), float(right), rel_tol=_TOLERANCE)
        except ValueError:
            return False
    return left == right


def entries(name: str, text: str) -> list[str]:
    """Of a list. Raises ValueError where it is none."""
    found, position = list[str](), 0
    while position < len(text):
        match = _ENTRY.match(text, position)
        if match is None or (match.group(1) is None and not match.group(2).strip()):
            raise ValueError("it takes names with commas between them")
        quoted, bare = match.groups()
        if quoted is not None:
            found.append(quoted.replace('""', '"'))
        else:
            found.append(bare.lower() if name in _FOLDED else bare)
        position = match.end()
    if text.rstrip().endswith(","):
        raise ValueError("it takes names with commas between them")
    return found


def _parsed(kind: Kind, text: str) -> str | None:
    match kind.type:
        case "bool":
            lower = text.lower()
            return "on" if lower in _TRUE else "off" if lower in _FALSE else None
        case "enum":
            return next((choice for choice in kind.choices if choice.lower() == text.lower()), None)
        case "integer" | "real":
            return _number(kind, text)
    return text


def _number(kind: Kind, text: str) -> str | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number, unit = Decimal(match.group(1)), match.group(2)
    if abs(number.adjusted()) > _MOST_DIGITS:
        return None
    if unit:
        converted = _in_base(number, unit, kind.unit)
        if converted is None:
            return None
        number = converted
    if kind.type == "integer":
        return str(int(number.to_integral_value(ROUND_HALF_EVEN)))
    return format(number.normalize(), "f")


def _in_base(number: Decimal, unit: str, base: str | None) -> Decimal | None:
    """``number`` of ``unit`` in ``base``, such as 8kB. As in the server a fraction is rounded to the next smaller unit."""
    match = _BASE.fullmatch(base or "")
    if match is None:
        return None
    count, of = int(match.group(1) or 1), match.group(2)
    for units in (_BYTES, _MICROSECONDS):
        if unit in units and of in units:
            smaller = max((size for size in units.values() if size < units[unit]), default=None)
            size = number * units[unit]
            if smaller is not None:
                size = (size / smaller).to_integral_value(ROUND_HALF_EVEN) * smaller
            return size / (count * units[of])
    return None


def _require_range(kind: Kind, number: Decimal) -> None:
    if kind.low is None or kind.high is None:
        return
    if not Decimal(kind.low) <= number <= Decimal(kind.high):
        unit = f" ({kind.unit})" if kind.unit else ""
        raise ValueError(f"it takes {kind.low} to {kind.high}{unit}, and {number} is outside")


def _with_unit(base: str | None) -> str:
    if base is None:
        return " without a unit"
    of = (_BASE.fullmatch(base) or ["", "", base])[2]
    units = next((units for units in (_BYTES, _MICROSECONDS) if of in units), {})
    return f" with one of the units {', '.join(units)}, or without one in {base}"
