import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.platform_metrics_view import PlatformMetricsView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    *,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    step: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_from_: str | Unset = UNSET
    if not isinstance(from_, Unset):
        json_from_ = from_.isoformat()
    params["from"] = json_from_

    json_to: str | Unset = UNSET
    if not isinstance(to, Unset):
        json_to = to.isoformat()
    params["to"] = json_to

    params["step"] = step

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/databases/{database_id}/platform-metrics".format(
            database_id=quote(str(database_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PlatformMetricsView | Problem | None:
    if response.status_code == 200:
        response_200 = PlatformMetricsView.from_dict(response.json())

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
) -> Response[PlatformMetricsView | Problem]:
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
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Response[PlatformMetricsView | Problem]:
    """Get Platform Metrics

     CPU, memory, disk and network as series, asked of Railway, which keeps 30 days.

    Args:
        database_id (str):
        from_ (datetime.datetime | Unset): An hour before `to` when not given.
        to (datetime.datetime | Unset): Now when not given.
        step (int | Unset): Seconds between points; chosen by the period when not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlatformMetricsView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        from_=from_,
        to=to,
        step=step,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    step: int | Unset = UNSET,
) -> PlatformMetricsView | Problem | None:
    """Get Platform Metrics

     CPU, memory, disk and network as series, asked of Railway, which keeps 30 days.

    Args:
        database_id (str):
        from_ (datetime.datetime | Unset): An hour before `to` when not given.
        to (datetime.datetime | Unset): Now when not given.
        step (int | Unset): Seconds between points; chosen by the period when not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlatformMetricsView | Problem
    """

    return sync_detailed(
        database_id=database_id,
        client=client,
        from_=from_,
        to=to,
        step=step,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    step: int | Unset = UNSET,
) -> Response[PlatformMetricsView | Problem]:
    """Get Platform Metrics

     CPU, memory, disk and network as series, asked of Railway, which keeps 30 days.

    Args:
        database_id (str):
        from_ (datetime.datetime | Unset): An hour before `to` when not given.
        to (datetime.datetime | Unset): Now when not given.
        step (int | Unset): Seconds between points; chosen by the period when not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PlatformMetricsView | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        from_=from_,
        to=to,
        step=step,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    *,
    client: AuthenticatedClient,
    from_: datetime.datetime | Unset = UNSET,
    to: datetime.datetime | Unset = UNSET,
    step: int | Unset = UNSET,
) -> PlatformMetricsView | Problem | None:
    """Get Platform Metrics

     CPU, memory, disk and network as series, asked of Railway, which keeps 30 days.

    Args:
        database_id (str):
        from_ (datetime.datetime | Unset): An hour before `to` when not given.
        to (datetime.datetime | Unset): Now when not given.
        step (int | Unset): Seconds between points; chosen by the period when not given.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PlatformMetricsView | Problem
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            client=client,
            from_=from_,
            to=to,
            step=step,
        )
    ).parsed
