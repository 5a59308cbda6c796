"""Errors of HTTP itself: no domain raises them."""

from app.errors import BadRequest, Problem


class BodyMalformed(BadRequest):
    code, title = "BODY_MALFORMED", "The body cannot be read"


class MethodNotAllowed(Problem):
    status, code, title = 405, "METHOD_NOT_ALLOWED", "Method not allowed"


class BodyTooLarge(Problem):
    status, code, title = 413, "BODY_TOO_LARGE", "The body is too large"


class MediaTypeUnsupported(Problem):
    status, code, title = 415, "MEDIA_TYPE", "Unsupported media type"
