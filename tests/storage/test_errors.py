import pytest

from app.errors import Problem
from app.storage import errors
from app.storage.errors import Place, problem_of_answer

PLACE = Place("s3.example.com", "backups", "prj/db/archive-0001.dump")


@pytest.mark.parametrize(
    ("code", "status", "writing", "expected"),
    [
        ("NoSuchBucket", 404, True, errors.BucketMissing),
        ("NoSuchKey", 404, False, errors.ObjectMissing),
        ("404", 404, False, errors.ObjectMissing),
        ("NoSuchUpload", 404, True, errors.UploadGone),
        ("PreconditionFailed", 412, True, errors.ObjectExists),
        ("412", 412, False, errors.ObjectChanged),
        ("ConditionalRequestConflict", 409, True, errors.StoreFailed),
        ("InvalidRange", 416, False, errors.ObjectTruncated),
        ("AccessDenied", 403, True, errors.AccessDenied),
        ("InvalidAccessKeyId", 400, True, errors.AccessDenied),
        ("SomethingNew", 403, True, errors.AccessDenied),
        ("RequestTimeTooSkewed", 403, True, errors.ClockSkewed),
        ("QuotaExceeded", 403, True, errors.StoreFull),
        ("Full", 507, True, errors.StoreFull),
        ("SlowDown", 503, True, errors.StoreFailed),
        ("Busy", 429, True, errors.StoreFailed),
        ("BadDigest", 400, True, errors.StoreFailed),
        ("InternalError", 500, True, errors.StoreFailed),
        ("NotImplemented", 501, True, errors.RequestRefused),
        ("EntityTooSmall", 400, True, errors.RequestRefused),
    ],
)
def test_an_answer_becomes_the_problem_that_tells_what_to_do(
    code: str, status: int, writing: bool, expected: type[Problem]
) -> None:
    problem = problem_of_answer(code, status, PLACE, writing=writing)
    assert type(problem) is expected
    assert problem.members == {
        "endpoint_host": "s3.example.com",
        "bucket": "backups",
        "key": "prj/db/archive-0001.dump",
    }
    assert "backups" in problem.detail
    assert problem.retryable == (expected in (errors.StoreFailed, errors.StoreFull))
