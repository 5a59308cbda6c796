"""Bech32 (BIP 173): text with a readable prefix and six check characters, the form of age keys.

The 90-character limit of BIP 173 is left out, as age's specification asks.
"""

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_CHARSET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LENGTH = 6
_PADDING_LIMIT = 5  # a whole character of padding would be a second spelling of the same bytes


def encode(prefix: str, data: bytes) -> str:
    """Lower case; the result may be turned into upper case as a whole."""
    padding = -len(data) * 8 % 5
    number = int.from_bytes(data) << padding
    values = [number >> shift & 31 for shift in range(len(data) * 8 + padding - 5, -1, -5)]
    check = _polymod([*_expand(prefix), *values, *[0] * _CHECK_LENGTH]) ^ 1
    values += [check >> shift & 31 for shift in range(5 * (_CHECK_LENGTH - 1), -1, -5)]
    return f"{prefix}1{''.join(_CHARSET[value] for value in values)}"


def decode(text: str) -> tuple[str, bytes]:
    """The prefix in lower case and the bytes. Raises ValueError, which never repeats the text: it may be a secret."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("upper and lower case are mixed")
    prefix, separator, body = text.lower().rpartition("1")
    if not (separator and prefix) or any(not "!" <= character <= "~" for character in prefix):
        raise ValueError("the prefix is missing or not ASCII")
    if len(body) < _CHECK_LENGTH or any(character not in _VALUES for character in body):
        raise ValueError("a character does not belong there, or the end is missing")
    values = [_VALUES[character] for character in body]
    if _polymod([*_expand(prefix), *values]) != 1:
        raise ValueError("the check characters do not match; it was mistyped or cut")
    return prefix, _pack(values[:-_CHECK_LENGTH])


def _pack(values: list[int]) -> bytes:
    size_bytes, padding = divmod(5 * len(values), 8)
    number = 0
    for value in values:
        number = number << 5 | value
    if padding >= _PADDING_LIMIT or number & ((1 << padding) - 1):
        raise ValueError("the bits left over at the end are not zero")
    return (number >> padding).to_bytes(size_bytes)


def _expand(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes)]


def _polymod(values: list[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                remainder ^= generator
    return remainder
