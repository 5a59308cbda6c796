"""Which network addresses a user may make this service connect to: the public ones, unless a setting says otherwise."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# IPv6 forms that carry an IPv4 address, by the number of bits below it: a gateway delivers to what is inside.
_CARRIERS = ((IPv6Network("::ffff:0:0/96"), 0), (IPv6Network("64:ff9b::/96"), 0), (IPv6Network("2002::/16"), 80))
# Of special purpose, yet global to the standard library of Python 3.11.
_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2001::/23"))
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_public(address: Address) -> bool:
    """False for loopback, private, link-local (where cloud metadata lives), shared, multicast and reserved addresses."""
    if isinstance(address, IPv6Address):
        for network, bits_below in _CARRIERS:
            if address in network:
                return is_public(IPv4Address(int(address) >> bits_below & 0xFFFFFFFF))
        if address.is_site_local or address.scope_id is not None:
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def literal_address(host: str) -> Address | None:
    """The address that ``host`` spells out, None when it is a name. IPv6 may stand in brackets."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_name(host: str) -> bool:
    """Whether a resolver takes ``host`` at all: labels of 1 to 63 bytes, in what international names become."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def may_be_public(host: str) -> bool:
    """False when ``host`` is surely not public, without asking a name server; the addresses of a name follow later.

    A name whose last label is a number (``127.1``, ``0x7f000001``) is an address in disguise to most resolvers, and one
    without a dot is completed by the search list of this machine.
    """
    if address := literal_address(host):
        return is_public(address)
    name = host.removesuffix(".").lower()
    _, dot, last = name.rpartition(".")
    if not dot or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        return False
    return not name.endswith(_LOCAL_SUFFIXES)
