from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.role_privileges_view import RolePrivilegesView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    name: str,
    *,
    logical_database: str | Unset = UNSET,
    schema: str | Unset = UNSET,
    after: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["logical_database"] = logical_database

    params["schema"] = schema

    params["after"] = after

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/roles/{name}/privileges".format(
            database_id=quote(str(database_id), safe=""),
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RolePrivilegesView | None:
    if response.status_code == 200:
        response_200 = RolePrivilegesView.from_dict(response.json())

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
) -> Response[Problem | RolePrivilegesView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    database_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    logical_database: str | Unset = UNSET,
    schema: str | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[Problem | RolePrivilegesView]:
    """Get Role Privileges

     What the role may do in effect, per schema with counts, and where it has drifted from what it was
    wished to be.

    Args:
        database_id (str):
        name (str): As the server has it, in UTF-8, percent-encoded.
        logical_database (str | Unset): The default one when not given.
        schema (str | Unset): Show the objects of this schema one by one.
        after (str | Unset): Only objects whose names come after it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RolePrivilegesView]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        name=name,
        logical_database=logical_database,
        schema=schema,
        after=after,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    logical_database: str | Unset = UNSET,
    schema: str | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Problem | RolePrivilegesView | None:
    """Get Role Privileges

     What the role may do in effect, per schema with counts, and where it has drifted from what it was
    wished to be.

    Args:
        database_id (str):
        name (str): As the server has it, in UTF-8, percent-encoded.
        logical_database (str | Unset): The default one when not given.
        schema (str | Unset): Show the objects of this schema one by one.
        after (str | Unset): Only objects whose names come after it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RolePrivilegesView
    """

    return sync_detailed(
        database_id=database_id,
        name=name,
        client=client,
        logical_database=logical_database,
        schema=schema,
        after=after,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    logical_database: str | Unset = UNSET,
    schema: str | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[Problem | RolePrivilegesView]:
    """Get Role Privileges

     What the role may do in effect, per schema with counts, and where it has drifted from what it was
    wished to be.

    Args:
        database_id (str):
        name (str): As the server has it, in UTF-8, percent-encoded.
        logical_database (str | Unset): The default one when not given.
        schema (str | Unset): Show the objects of this schema one by one.
        after (str | Unset): Only objects whose names come after it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RolePrivilegesView]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        name=name,
        logical_database=logical_database,
        schema=schema,
        after=after,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    name: str,
    *,
    client: AuthenticatedClient,
    logical_database: str | Unset = UNSET,
    schema: str | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Problem | RolePrivilegesView | None:
    """Get Role Privileges

     What the role may do in effect, per schema with counts, and where it has drifted from what it was
    wished to be.

    Args:
        database_id (str):
        name (str): As the server has it, in UTF-8, percent-encoded.
        logical_database (str | Unset): The default one when not given.
        schema (str | Unset): Show the objects of this schema one by one.
        after (str | Unset): Only objects whose names come after it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RolePrivilegesView
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            name=name,
            client=client,
            logical_database=logical_database,
            schema=schema,
            after=after,
        )
    ).parsed
