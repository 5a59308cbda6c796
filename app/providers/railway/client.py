"""Asks Railway. A read is repeated until it is answered; a change is sent once, and what is not known is said."""

import asyncio
import math
from collections.abc import Mapping
from random import Random
from typing import Any, Final, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from app.http import JsonClient, NoAnswer
from app.kit.backoff import retry_delay_seconds
from app.providers.railway.answers import data_of
from app.providers.railway.credential import RailwayCredential
from app.providers.railway.documents import Document, Kind
from app.providers.railway.errors import (
    OutcomeUnknown,
    RailwayAnswerInvalid,
    RailwayNotReached,
    RailwayProblem,
    RailwayRateLimited,
    RailwayUnavailable,
)
from app.providers.railway.limiter import QuotaUsedUp, RateLimiter, Sleep

READ_TIMEOUT_SECONDS: Final = 30.0
# An environment is committed in one request, which takes its time.
CHANGE_TIMEOUT_SECONDS: Final = 90.0
ATTEMPTS: Final = 4
RETRY_BASE_SECONDS: Final = 0.5
RETRY_CAP_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 60.0
_MOST_MISTAKES: Final = 3

log = structlog.get_logger()


class Result(BaseModel):
    """An answer's data, or a part of it. A field without a default must be there; what may be null says so."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


AnyResult = TypeVar("AnyResult", bound=Result)


class Exactly:
    """A variable that is sent as it is, nulls included: ``Exactly(None)`` unsets, a config patch deletes by null."""

    def __init__(self, value: Any) -> None:
        self.value = value


class RailwayClient:
    """Speaks for one token. ``limiter`` is that token's, whoever else holds it; ``http`` is closed by who made it."""

    def __init__(
        self,
        endpoint: str,
        credential: RailwayCredential,
        limiter: RateLimiter,
        http: JsonClient,
        *,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        change_timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        sleep: Sleep = asyncio.sleep,
        random: Random | None = None,
    ) -> None:
        self._endpoint, self.credential = endpoint, credential
        self._limiter, self._http = limiter, http
        self._timeouts = {Kind.READ: read_timeout_seconds, Kind.CHANGE: change_timeout_seconds}
        self._patience, self._sleep = patience_seconds, sleep
        self._random = random or Random()  # noqa: S311 (spreads the retries, and guards nothing)

    async def read(self, document: Document, variables: Mapping[str, Any], result: type[AnyResult]) -> AnyResult:
        """Repeated when there is no answer, a server error or no quota. Raises a RailwayProblem."""
        assert document.kind is Kind.READ, document.name
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._ask(document, variables, result)
            except (RailwayUnavailable, RailwayRateLimited) as problem:
                if isinstance(problem.__cause__, QuotaUsedUp):
                    raise  # it was not even asked: the wait is longer than our patience
                log.info("railway.retry", operation=document.name, code=problem.code, attempt=attempt)
            await self._sleep(
                retry_delay_seconds(attempt, base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS, random=self._random)
            )
        return await self._ask(document, variables, result)

    async def change(self, document: Document, variables: Mapping[str, Any], result: type[AnyResult]) -> AnyResult:
        """Sent once. Raises a RailwayProblem if nothing was changed, and OutcomeUnknown if that is not certain.

        After OutcomeUnknown the caller reads what is there; so it does after being cancelled.
        """
        assert document.kind is Kind.CHANGE, document.name
        try:
            return await self._ask(document, variables, result)
        except RailwayProblem as problem:
            if problem.changed_nothing:
                raise
            said, trace_id = problem.said, problem.trace_id
            log.warning("railway.outcome_unknown", operation=document.name, said=said, trace_id=trace_id)
            raise OutcomeUnknown(said, operation=document.name, trace_id=trace_id) from problem

    async def _ask(self, document: Document, variables: Mapping[str, Any], result: type[AnyResult]) -> AnyResult:
        change = document.kind is Kind.CHANGE
        try:
            await self._limiter.admit(change=change, patience_seconds=self._patience)
            data = await self._data(document, variables)
        except QuotaUsedUp as used_up:
            pause = self._pause_seconds(change=change)
            raise RailwayRateLimited(str(used_up), operation=document.name, retry_after=pause) from used_up
        except RailwayRateLimited as problem:
            problem.retry_after = self._pause_seconds(change=change)
            raise
        return _validated(data, result, document)

    def _pause_seconds(self, *, change: bool) -> int:
        return max(1, math.ceil(self._limiter.wait_seconds(change=change)))

    async def _data(self, document: Document, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked for by an admitted request, of which the limiter is told the end whatever it is."""
        headers: Mapping[str, str] | None = None
        refused = False
        try:
            answer = await self._http.post(
                self._endpoint,
                {"query": document.text, "operationName": document.name, "variables": without_nulls(variables)},
                headers=self.credential.headers(),
                timeout_seconds=self._timeouts[document.kind],
            )
            headers = answer.headers
            return data_of(answer, document)
        except NoAnswer as silence:
            kind = RailwayUnavailable if silence.sent else RailwayNotReached
            raise kind(silence.detail, operation=document.name) from silence
        except RailwayRateLimited:
            refused = True
            raise
        finally:
            self._limiter.answered(headers, refused=refused)


def without_nulls(value: Any) -> Any:
    """Leaves out what is None, at any depth: to Railway a null is an order to unset, and absent is not."""
    if isinstance(value, Exactly):
        return value.value
    if isinstance(value, Mapping):
        return {name: without_nulls(content) for name, content in value.items() if content is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(content) for content in value]
    return value


def _validated(data: Mapping[str, Any], result: type[AnyResult], document: Document) -> AnyResult:
    try:
        return result.model_validate(data)
    except ValidationError as error:
        # Where and why only: the values may be variables with passwords in them.
        mistakes = [
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}"
            for mistake in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        said = "; ".join(mistakes[:_MOST_MISTAKES])
        raise RailwayAnswerInvalid(said, operation=document.name) from None
