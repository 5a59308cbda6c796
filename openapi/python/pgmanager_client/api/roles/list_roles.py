from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.page_database_role_view import PageDatabaseRoleView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    *,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/roles".format(
            database_id=quote(str(database_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageDatabaseRoleView | Problem | None:
    if response.status_code == 200:
        response_200 = PageDatabaseRoleView.from_dict(response.json())

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
) -> Response[PageDatabaseRoleView | Problem]:
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
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageDatabaseRoleView | Problem]:
    """List Roles

     The roles of the server by name, its predefined ones aside, with what this service knows of them.

    Args:
        database_id (str):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageDatabaseRoleView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageDatabaseRoleView | Problem | None:
    """List Roles

     The roles of the server by name, its predefined ones aside, with what this service knows of them.

    Args:
        database_id (str):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageDatabaseRoleView | Problem
    """

    return sync_detailed(
        database_id=database_id,
        client=client,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageDatabaseRoleView | Problem]:
    """List Roles

     The roles of the server by name, its predefined ones aside, with what this service knows of them.

    Args:
        database_id (str):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageDatabaseRoleView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageDatabaseRoleView | Problem | None:
    """List Roles

     The roles of the server by name, its predefined ones aside, with what this service knows of them.

    Args:
        database_id (str):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageDatabaseRoleView | Problem
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            client=client,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
