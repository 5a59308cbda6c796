from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.import_state import ImportState
from ...models.page_import_view import PageImportView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    project_id: str | Unset = UNSET,
    database_id: str | Unset = UNSET,
    state: list[ImportState] | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["project_id"] = project_id

    params["database_id"] = database_id

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item = state_item_data.value
            json_state.append(state_item)

    params["state"] = json_state

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/imports",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageImportView | Problem | None:
    if response.status_code == 200:
        response_200 = PageImportView.from_dict(response.json())

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
) -> Response[PageImportView | Problem]:
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
    database_id: str | Unset = UNSET,
    state: list[ImportState] | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageImportView | Problem]:
    """List Imports

     Newest first. Deleted ones only when asked for.

    Args:
        project_id (str | Unset):
        database_id (str | Unset):
        state (list[ImportState] | Unset):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageImportView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        database_id=database_id,
        state=state,
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
    database_id: str | Unset = UNSET,
    state: list[ImportState] | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageImportView | Problem | None:
    """List Imports

     Newest first. Deleted ones only when asked for.

    Args:
        project_id (str | Unset):
        database_id (str | Unset):
        state (list[ImportState] | Unset):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageImportView | Problem
    """

    return sync_detailed(
        client=client,
        project_id=project_id,
        database_id=database_id,
        state=state,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    database_id: str | Unset = UNSET,
    state: list[ImportState] | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[PageImportView | Problem]:
    """List Imports

     Newest first. Deleted ones only when asked for.

    Args:
        project_id (str | Unset):
        database_id (str | Unset):
        state (list[ImportState] | Unset):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageImportView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        database_id=database_id,
        state=state,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    database_id: str | Unset = UNSET,
    state: list[ImportState] | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> PageImportView | Problem | None:
    """List Imports

     Newest first. Deleted ones only when asked for.

    Args:
        project_id (str | Unset):
        database_id (str | Unset):
        state (list[ImportState] | Unset):
        limit (int | Unset): Entries of a page, 200 at most; 0 stands for 50. Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, with the same filters.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageImportView | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            project_id=project_id,
            database_id=database_id,
            state=state,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
