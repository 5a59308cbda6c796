import pytest
from pydantic import TypeAdapter, ValidationError

from app.locations.schemas import EndpointUrl, Prefix

ENDPOINT: TypeAdapter[str] = TypeAdapter(EndpointUrl)
PREFIX: TypeAdapter[str] = TypeAdapter(Prefix)


@pytest.mark.parametrize(
    "spelling",
    ["https://s3.example.com", "HTTPS://S3.Example.COM/", "https://s3.example.com:443", "https://s3.example.com:443/"],
)
def test_one_endpoint_has_one_spelling(spelling: str) -> None:
    assert ENDPOINT.validate_python(spelling) == "https://s3.example.com"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000", "https://[fd12::1]:8333", "https://[fd12::1]", "http://example.com:443"]
)
def test_a_normal_endpoint_stays_as_it_is(url: str) -> None:
    assert ENDPOINT.validate_python(url) == url


@pytest.mark.parametrize("url", ["https://host:port", "https://u:p@host", "https://host/x", "host", "https://host?a=b"])
def test_what_is_no_endpoint_is_left_to_the_address_guard(url: str) -> None:
    assert ENDPOINT.validate_python(url) == url


@pytest.mark.parametrize(
    ("text", "prefix"), [("", ""), ("/", ""), ("/a/b/", "a/b"), ("a", "a"), ("a.b/..c", "a.b/..c")]
)
def test_slashes_at_the_ends_of_a_prefix_are_dropped(text: str, prefix: str) -> None:
    assert PREFIX.validate_python(text) == prefix


@pytest.mark.parametrize("text", ["a//b", ".", "a/../b", "a\\b", "ä", "a\n", "a\0", "x" * 256])
def test_a_prefix_that_stores_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        PREFIX.validate_python(text)
