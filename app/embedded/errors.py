"""What can go wrong while the stack of one machine starts."""

from app.errors import Problem


class ComponentMissing(Problem):
    code, title = "COMPONENT_MISSING", "A program is not installed"


class ComponentFailed(Problem):
    code, title = "COMPONENT_FAILED", "A program did not start"
