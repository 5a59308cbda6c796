from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.pooler_accepted import PoolerAccepted
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    *,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/databases/{database_id}/pooler".format(
            database_id=quote(str(database_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PoolerAccepted | Problem | None:
    if response.status_code == 202:
        response_202 = PoolerAccepted.from_dict(response.json())

        return response_202

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PoolerAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[PoolerAccepted | Problem]:
    """Delete Pooler

     Ends it, and removes what it needed on the server. Its clients are cut off, and its address is gone.

    At Railway the template is taken off the database's service again, whoever had added the pooler.

    Args:
        database_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PoolerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    *,
    client: AuthenticatedClient,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> PoolerAccepted | Problem | None:
    """Delete Pooler

     Ends it, and removes what it needed on the server. Its clients are cut off, and its address is gone.

    At Railway the template is taken off the database's service again, whoever had added the pooler.

    Args:
        database_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PoolerAccepted | Problem
    """

    return sync_detailed(
        database_id=database_id,
        client=client,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[PoolerAccepted | Problem]:
    """Delete Pooler

     Ends it, and removes what it needed on the server. Its clients are cut off, and its address is gone.

    At Railway the template is taken off the database's service again, whoever had added the pooler.

    Args:
        database_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PoolerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    *,
    client: AuthenticatedClient,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> PoolerAccepted | Problem | None:
    """Delete Pooler

     Ends it, and removes what it needed on the server. Its clients are cut off, and its address is gone.

    At Railway the template is taken off the database's service again, whoever had added the pooler.

    Args:
        database_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PoolerAccepted | Problem
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            client=client,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
        )
    ).parsed
