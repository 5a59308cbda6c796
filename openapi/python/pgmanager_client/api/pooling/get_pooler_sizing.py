from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.sizing_advice import SizingAdvice
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    *,
    cores: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cores"] = cores

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/pooler/sizing".format(
            database_id=quote(str(database_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | SizingAdvice | None:
    if response.status_code == 200:
        response_200 = SizingAdvice.from_dict(response.json())

        return response_200

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
) -> Response[Problem | SizingAdvice]:
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
    cores: int | Unset = UNSET,
) -> Response[Problem | SizingAdvice]:
    """Get Pooler Sizing

     How large the pools should be, whether or not there is a pooler yet, with the arithmetic.

    Args:
        database_id (str):
        cores (int | Unset): Of the server.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SizingAdvice]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        cores=cores,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    *,
    client: AuthenticatedClient,
    cores: int | Unset = UNSET,
) -> Problem | SizingAdvice | None:
    """Get Pooler Sizing

     How large the pools should be, whether or not there is a pooler yet, with the arithmetic.

    Args:
        database_id (str):
        cores (int | Unset): Of the server.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SizingAdvice
    """

    return sync_detailed(
        database_id=database_id,
        client=client,
        cores=cores,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    cores: int | Unset = UNSET,
) -> Response[Problem | SizingAdvice]:
    """Get Pooler Sizing

     How large the pools should be, whether or not there is a pooler yet, with the arithmetic.

    Args:
        database_id (str):
        cores (int | Unset): Of the server.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SizingAdvice]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        cores=cores,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    *,
    client: AuthenticatedClient,
    cores: int | Unset = UNSET,
) -> Problem | SizingAdvice | None:
    """Get Pooler Sizing

     How large the pools should be, whether or not there is a pooler yet, with the arithmetic.

    Args:
        database_id (str):
        cores (int | Unset): Of the server.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SizingAdvice
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            client=client,
            cores=cores,
        )
    ).parsed
