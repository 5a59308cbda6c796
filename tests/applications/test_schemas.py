"""What an application may be called, and what its timeouts are to PostgreSQL."""

import pytest
from pydantic import ValidationError

from app.applications.roles import role_names
from app.applications.schemas import HardenWish, LoginTimeouts
from app.kit.names import POSTGRES_NAME_BYTES


@pytest.mark.parametrize("name", ["", "pg_app", "a/b", "a\nb", "x" * 58, "é" * 29])
def test_a_name_that_its_roles_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        HardenWish(application=name)


@pytest.mark.parametrize("name", ["app", "é" * 28, 'it"s %', "x" * 57])
def test_the_roles_of_any_other_name_are_short_enough(name: str) -> None:
    wish = HardenWish(application=name)
    assert max(len(role.encode()) for role in role_names(wish.application)) <= POSTGRES_NAME_BYTES


def test_no_timeout_is_one_that_postgresql_knows_as_none() -> None:
    assert LoginTimeouts(statement_timeout_seconds=0).settings() == {
        "statement_timeout": "0s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
    }
