import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.deployment_logs_view import DeploymentLogsView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    deployment_id: str,
    *,
    limit: int | Unset = 100,
    filter_: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["filter"] = filter_

    json_since: str | Unset = UNSET
    if not isinstance(since, Unset):
        json_since = since.isoformat()
    params["since"] = json_since

    json_until: str | Unset = UNSET
    if not isinstance(until, Unset):
        json_until = until.isoformat()
    params["until"] = json_until

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/deployments/{deployment_id}/logs".format(
            database_id=quote(str(database_id), safe=""),
            deployment_id=quote(str(deployment_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DeploymentLogsView | Problem | None:
    if response.status_code == 200:
        response_200 = DeploymentLogsView.from_dict(response.json())

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
) -> Response[DeploymentLogsView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    database_id: str,
    deployment_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    filter_: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[DeploymentLogsView | Problem]:
    """Get Deployment Logs

     What the server's container wrote. Statements in it may hold data, so a key needs more than to read.

    Args:
        database_id (str):
        deployment_id (str): Railway's.
        limit (int | Unset): Lines. Default: 100.
        filter_ (str | Unset): In Railway's own syntax, such as `@level:error`.
        since (datetime.datetime | Unset):
        until (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeploymentLogsView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        deployment_id=deployment_id,
        limit=limit,
        filter_=filter_,
        since=since,
        until=until,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    deployment_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    filter_: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> DeploymentLogsView | Problem | None:
    """Get Deployment Logs

     What the server's container wrote. Statements in it may hold data, so a key needs more than to read.

    Args:
        database_id (str):
        deployment_id (str): Railway's.
        limit (int | Unset): Lines. Default: 100.
        filter_ (str | Unset): In Railway's own syntax, such as `@level:error`.
        since (datetime.datetime | Unset):
        until (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeploymentLogsView | Problem
    """

    return sync_detailed(
        database_id=database_id,
        deployment_id=deployment_id,
        client=client,
        limit=limit,
        filter_=filter_,
        since=since,
        until=until,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    deployment_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    filter_: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[DeploymentLogsView | Problem]:
    """Get Deployment Logs

     What the server's container wrote. Statements in it may hold data, so a key needs more than to read.

    Args:
        database_id (str):
        deployment_id (str): Railway's.
        limit (int | Unset): Lines. Default: 100.
        filter_ (str | Unset): In Railway's own syntax, such as `@level:error`.
        since (datetime.datetime | Unset):
        until (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeploymentLogsView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        deployment_id=deployment_id,
        limit=limit,
        filter_=filter_,
        since=since,
        until=until,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    deployment_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 100,
    filter_: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> DeploymentLogsView | Problem | None:
    """Get Deployment Logs

     What the server's container wrote. Statements in it may hold data, so a key needs more than to read.

    Args:
        database_id (str):
        deployment_id (str): Railway's.
        limit (int | Unset): Lines. Default: 100.
        filter_ (str | Unset): In Railway's own syntax, such as `@level:error`.
        since (datetime.datetime | Unset):
        until (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeploymentLogsView | Problem
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            deployment_id=deployment_id,
            client=client,
            limit=limit,
            filter_=filter_,
            since=since,
            until=until,
        )
    ).parsed
