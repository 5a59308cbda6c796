from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.page_coverage_view import PageCoverageView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    project_id: str | Unset = UNSET,
    days: int | Unset = 7,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["project_id"] = project_id

    params["days"] = days

    params["all"] = all_

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/backup-coverage",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageCoverageView | Problem | None:
    if response.status_code == 200:
        response_200 = PageCoverageView.from_dict(response.json())

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
) -> Response[PageCoverageView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    days: int | Unset = 7,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageCoverageView | Problem]:
    """List Backup Coverage

     The databases without a verified backup of the last days, newest first.

    Args:
        project_id (str | Unset):
        days (int | Unset): How old a verified backup may be. Default: 7.
        all_ (bool | Unset): Also the databases that are covered. Default: False.
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageCoverageView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        days=days,
        all_=all_,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    days: int | Unset = 7,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageCoverageView | Problem | None:
    """List Backup Coverage

     The databases without a verified backup of the last days, newest first.

    Args:
        project_id (str | Unset):
        days (int | Unset): How old a verified backup may be. Default: 7.
        all_ (bool | Unset): Also the databases that are covered. Default: False.
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageCoverageView | Problem
    """

    return sync_detailed(
        client=client,
        project_id=project_id,
        days=days,
        all_=all_,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    days: int | Unset = 7,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageCoverageView | Problem]:
    """List Backup Coverage

     The databases without a verified backup of the last days, newest first.

    Args:
        project_id (str | Unset):
        days (int | Unset): How old a verified backup may be. Default: 7.
        all_ (bool | Unset): Also the databases that are covered. Default: False.
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageCoverageView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        days=days,
        all_=all_,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    days: int | Unset = 7,
    all_: bool | Unset = False,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageCoverageView | Problem | None:
    """List Backup Coverage

     The databases without a verified backup of the last days, newest first.

    Args:
        project_id (str | Unset):
        days (int | Unset): How old a verified backup may be. Default: 7.
        all_ (bool | Unset): Also the databases that are covered. Default: False.
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageCoverageView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            project_id=project_id,
            days=days,
            all_=all_,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
