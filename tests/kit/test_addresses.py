from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.addresses import is_name, is_public, literal_address, may_be_public


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104 (nothing is bound)
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "fd12::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "64:ff9b:1::1.1.1.1",
        "2001::1",
    ],
)
def test_addresses_of_this_machine_and_its_networks_are_not_public(text: str) -> None:
    address = literal_address(text)
    assert address is not None
    assert not is_public(address)
    assert not may_be_public(text)


@pytest.mark.parametrize("text", ["1.1.1.1", "52.219.0.1", "2606:4700::1", "[2606:4700::1]", "::ffff:1.1.1.1"])
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert may_be_public(text)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_judged_by_itself(inner: IPv4Address) -> None:
    for prefix, bits_below in ((0xFFFF << 32, 0), (0x64FF9B << 96, 0), (0x2002 << 112, 80)):
        assert is_public(IPv6Address(prefix | int(inner) << bits_below)) == is_public(inner)


@pytest.mark.parametrize(
    "name",
    ["localhost", "LOCALHOST.", "a.localhost", "postgres.railway.internal", "metadata.google.internal", "nas.local"],
)
def test_names_of_local_networks_are_not_public(name: str) -> None:
    assert not may_be_public(name)


@pytest.mark.parametrize(
    "name", ["127.1", "2130706433", "0x7f000001", "0x7f.1", "1.2.3.4.5", "a.0x", "", ".", "intranet"]
)
def test_addresses_in_disguise_and_names_without_a_dot_are_not_public(name: str) -> None:
    assert not may_be_public(name)


@pytest.mark.parametrize("name", ["s3.amazonaws.com", "t3.storageapi.dev", "s3.eu-central-003.backblazeb2.com."])
def test_names_of_the_internet_may_be_public(name: str) -> None:
    assert may_be_public(name)
    assert literal_address(name) is None


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        *((host, True) for host in ("db.example.com", "localhost", "10.0.0.1", "::1", "bücher.example", "a" * 63)),
        *((host, False) for host in ("", "a" * 64, "a..b", f"{'a' * 64}.example.com")),
    ],
)
def test_a_name_has_labels_that_a_resolver_takes(host: str, *, is_one: bool) -> None:
    assert is_name(host) is is_one
