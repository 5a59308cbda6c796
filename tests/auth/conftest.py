import pytest
from fastapi import FastAPI

from app.auth.authenticator import Authenticator


@pytest.fixture
def app_authenticator(app: FastAPI) -> Authenticator:
    authenticator: Authenticator = app.state.authenticator
    return authenticator
