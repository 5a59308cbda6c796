from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.railway_regions_view import RailwayRegionsView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    connection_id: str,
    *,
    railway_project_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["railway_project_id"] = railway_project_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/railway-connections/{connection_id}/regions".format(
            connection_id=quote(str(connection_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RailwayRegionsView | None:
    if response.status_code == 200:
        response_200 = RailwayRegionsView.from_dict(response.json())

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

    if response.status_code == 502:
        response_502 = Problem.from_dict(response.json())

        return response_502

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | RailwayRegionsView]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    connection_id: str,
    *,
    client: AuthenticatedClient,
    railway_project_id: str | Unset = UNSET,
) -> Response[Problem | RailwayRegionsView]:
    """List Railway Regions

     Where services can run, asked just now; with a project, where its services may.

    Args:
        connection_id (str):
        railway_project_id (str | Unset): An id of Railway's, as it writes it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RailwayRegionsView]
    """

    kwargs = _get_kwargs(
        connection_id=connection_id,
        railway_project_id=railway_project_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    connection_id: str,
    *,
    client: AuthenticatedClient,
    railway_project_id: str | Unset = UNSET,
) -> Problem | RailwayRegionsView | None:
    """List Railway Regions

     Where services can run, asked just now; with a project, where its services may.

    Args:
        connection_id (str):
        railway_project_id (str | Unset): An id of Railway's, as it writes it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RailwayRegionsView
    """

    return sync_detailed(
        connection_id=connection_id,
        client=client,
        railway_project_id=railway_project_id,
    ).parsed


async def asyncio_detailed(
    connection_id: str,
    *,
    client: AuthenticatedClient,
    railway_project_id: str | Unset = UNSET,
) -> Response[Problem | RailwayRegionsView]:
    """List Railway Regions

     Where services can run, asked just now; with a project, where its services may.

    Args:
        connection_id (str):
        railway_project_id (str | Unset): An id of Railway's, as it writes it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RailwayRegionsView]
    """

    kwargs = _get_kwargs(
        connection_id=connection_id,
        railway_project_id=railway_project_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    connection_id: str,
    *,
    client: AuthenticatedClient,
    railway_project_id: str | Unset = UNSET,
) -> Problem | RailwayRegionsView | None:
    """List Railway Regions

     Where services can run, asked just now; with a project, where its services may.

    Args:
        connection_id (str):
        railway_project_id (str | Unset): An id of Railway's, as it writes it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RailwayRegionsView
    """

    return (
        await asyncio_detailed(
            connection_id=connection_id,
            client=client,
            railway_project_id=railway_project_id,
        )
    ).parsed
