"""What can stand against a budget."""

from app.budgets.schemas import MOST_CONSUMERS
from app.errors import Unprocessable


class BudgetInvalid(Unprocessable):
    code, title = "BUDGET_INVALID", "The change cannot be added to the declared budget"

    def __init__(self) -> None:
        super().__init__(
            f"A service is named twice for one endpoint, or there would be more than {MOST_CONSUMERS} consumers. Name each "
            "once, with all its processes."
        )
