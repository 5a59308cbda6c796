from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.variables_source import VariablesSource
from ...models.variables_view import VariablesView
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    *,
    source: VariablesSource | Unset = UNSET,
    rendered: bool | Unset = True,
    reveal: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_source: str | Unset = UNSET
    if not isinstance(source, Unset):
        json_source = source.value

    params["source"] = json_source

    params["rendered"] = rendered

    params["reveal"] = reveal

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/variables".format(
            database_id=quote(str(database_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | VariablesView | None:
    if response.status_code == 200:
        response_200 = VariablesView.from_dict(response.json())

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
) -> Response[Problem | VariablesView]:
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
    source: VariablesSource | Unset = UNSET,
    rendered: bool | Unset = True,
    reveal: bool | Unset = False,
) -> Response[Problem | VariablesView]:
    """Get Database Variables

     What an application needs to connect: `DATABASE_URL`, `PGHOST` and so on. Or all that its service at
    Railway has.

    Args:
        database_id (str):
        source (VariablesSource | Unset):
        rendered (bool | Unset): False: Railway's with their references, as they are written.
            Default: True.
        reveal (bool | Unset): Show passwords. Needs the scope secrets:reveal, and is audited.
            Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | VariablesView]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        source=source,
        rendered=rendered,
        reveal=reveal,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    *,
    client: AuthenticatedClient,
    source: VariablesSource | Unset = UNSET,
    rendered: bool | Unset = True,
    reveal: bool | Unset = False,
) -> Problem | VariablesView | None:
    """Get Database Variables

     What an application needs to connect: `DATABASE_URL`, `PGHOST` and so on. Or all that its service at
    Railway has.

    Args:
        database_id (str):
        source (VariablesSource | Unset):
        rendered (bool | Unset): False: Railway's with their references, as they are written.
            Default: True.
        reveal (bool | Unset): Show passwords. Needs the scope secrets:reveal, and is audited.
            Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | VariablesView
    """

    return sync_detailed(
        database_id=database_id,
        client=client,
        source=source,
        rendered=rendered,
        reveal=reveal,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    source: VariablesSource | Unset = UNSET,
    rendered: bool | Unset = True,
    reveal: bool | Unset = False,
) -> Response[Problem | VariablesView]:
    """Get Database Variables

     What an application needs to connect: `DATABASE_URL`, `PGHOST` and so on. Or all that its service at
    Railway has.

    Args:
        database_id (str):
        source (VariablesSource | Unset):
        rendered (bool | Unset): False: Railway's with their references, as they are written.
            Default: True.
        reveal (bool | Unset): Show passwords. Needs the scope secrets:reveal, and is audited.
            Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | VariablesView]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        source=source,
        rendered=rendered,
        reveal=reveal,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    *,
    client: AuthenticatedClient,
    source: VariablesSource | Unset = UNSET,
    rendered: bool | Unset = True,
    reveal: bool | Unset = False,
) -> Problem | VariablesView | None:
    """Get Database Variables

     What an application needs to connect: `DATABASE_URL`, `PGHOST` and so on. Or all that its service at
    Railway has.

    Args:
        database_id (str):
        source (VariablesSource | Unset):
        rendered (bool | Unset): False: Railway's with their references, as they are written.
            Default: True.
        reveal (bool | Unset): Show passwords. Needs the scope secrets:reveal, and is audited.
            Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | VariablesView
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            client=client,
            source=source,
            rendered=rendered,
            reveal=reveal,
        )
    ).parsed
