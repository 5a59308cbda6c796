"""What `scripts/soak` writes down; that it finds something is shown by the tests of faults and kills."""

from tests.e2e.soak import Result, report
from tests.e2e.stock_restore import Audit


def test_a_report_has_all_that_is_needed_to_do_it_again_and_to_judge_it() -> None:
    result = Result("2 workers killed", {"killed in | times": [("backup.take dump", 2)]})
    text = report("kills", 42, seconds=61.4, result=result, audit=Audit(backups=3, copies=5, rows=1234, violations=[]))
    assert "# `scripts/soak kills`" in text
    assert "seed 42, 61 s" in text
    assert "commit " in text
    assert "- 2 workers killed.\n" in text
    assert "3 backups restored with age and pg_restore, 1,234 rows equal to their manifests." in text
    assert "no process, lock, session, database, role, object or secret left." in text
    assert "| backup.take dump | 2 |" in text


def test_a_report_tells_what_the_auditor_found() -> None:
    text = report("faults", 1, seconds=1, result=Result("none"), audit=Audit(0, 0, 0, ["an open upload of x"]))
    assert "- Auditor: an open upload of x.\n" in text
    assert "no process" not in text
