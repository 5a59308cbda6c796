from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from app.postgres.certificates import expires_soon, issue_root, issue_server


def test_a_server_certificate_is_valid_for_this_machines_names_under_its_root() -> None:
    root = issue_root("root of test")
    server = x509.load_pem_x509_certificate(issue_server(root).certificate_pem)
    store = Store([x509.load_pem_x509_certificate(root.certificate_pem)])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("localhost"))
    assert verifier.verify(server, [])[0] == server
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_the_root_lasts_ten_years_and_the_server_two_and_is_renewed_in_its_last_month() -> None:
    root = issue_root("root of test")
    issued = issue_server(root)
    now = datetime.now(UTC)
    ends = [
        x509.load_pem_x509_certificate(pem).not_valid_after_utc - now
        for pem in (root.certificate_pem, issued.certificate_pem)
    ]
    assert [round(end / timedelta(days=1)) for end in ends] == [3650, 730]
    assert not expires_soon(issued.certificate_pem, now + timedelta(days=699))
    assert expires_soon(issued.certificate_pem, now + timedelta(days=701))
