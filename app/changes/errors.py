"""What can stand against changing a database's service at Railway."""

from collections.abc import Mapping, Sequence

from app.errors import Conflict, Unprocessable


class VariableReserved(Unprocessable):
    """``reasons``: by name."""

    code, title = "VARIABLE_RESERVED", "These variables are not set by hand"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        told = "; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items()))
        super().__init__(f"Nothing was changed. {told}.", variables=dict(reasons))


class NothingToChange(Unprocessable):
    code, title = "NOTHING_TO_CHANGE", "The request names nothing to change"


class ServiceNameTaken(Conflict):
    code, title = "NAME_TAKEN", "The name is taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"The project at Railway has a service named {name} already; choose another name.")


class LimitAboveThePlan(Unprocessable):
    code, title = "LIMIT_ABOVE_PLAN", "The plan does not give that much"

    def __init__(self, *, memory_gb: float | None, vcpus: float | None) -> None:
        super().__init__(
            f"The plan gives a service {_shown(memory_gb, 'GB of memory')} and {_shown(vcpus, 'vCPUs')}. Ask for less, or "
            "change the plan at Railway.",
            plan={"memory_gb": memory_gb, "vcpus": vcpus},
        )


class ReferencesWouldBreak(Conflict):
    """``references``: those that this service cannot rewrite, as ``environment / service / variable``."""

    code, title = "REFERENCES_WOULD_BREAK", "Variables elsewhere refer to the service by its name"

    def __init__(self, references: Sequence[str]) -> None:
        super().__init__(
            f"{len(references)} variables in other environments refer to the service by its present name, and are not "
            f"rewritten from here: {'; '.join(references)}. Repeat the request with break_references=true to rename it all "
            "the same, and mend them afterwards.",
            references=list(references),
        )


def _shown(number: float | None, unit: str) -> str:
    return f"an unknown number of {unit}" if number is None else f"{number:g} {unit}"
