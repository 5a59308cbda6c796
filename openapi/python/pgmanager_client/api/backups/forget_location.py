from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.location_forget import LocationForget
from ...models.location_forgotten import LocationForgotten
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    location_id: str,
    *,
    body: LocationForget,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/locations/{location_id}:forget".format(
            location_id=quote(str(location_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> LocationForgotten | Problem | None:
    if response.status_code == 200:
        response_200 = LocationForgotten.from_dict(response.json())

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

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[LocationForgotten | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationForget,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> Response[LocationForgotten | Problem]:
    """Forget Location

     Gives up a place that is lost for good, with what lay there. Nothing is asked of it, and nothing
    deleted there.

    A backup that has no good copy anywhere else is gone here with it. For a place that works, delete
    its copies instead.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (LocationForget):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LocationForgotten | Problem]
    """

    kwargs = _get_kwargs(
        location_id=location_id,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationForget,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> LocationForgotten | Problem | None:
    """Forget Location

     Gives up a place that is lost for good, with what lay there. Nothing is asked of it, and nothing
    deleted there.

    A backup that has no good copy anywhere else is gone here with it. For a place that works, delete
    its copies instead.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (LocationForget):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LocationForgotten | Problem
    """

    return sync_detailed(
        location_id=location_id,
        client=client,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationForget,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> Response[LocationForgotten | Problem]:
    """Forget Location

     Gives up a place that is lost for good, with what lay there. Nothing is asked of it, and nothing
    deleted there.

    A backup that has no good copy anywhere else is gone here with it. For a place that works, delete
    its copies instead.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (LocationForget):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LocationForgotten | Problem]
    """

    kwargs = _get_kwargs(
        location_id=location_id,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationForget,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> LocationForgotten | Problem | None:
    """Forget Location

     Gives up a place that is lost for good, with what lay there. Nothing is asked of it, and nothing
    deleted there.

    A backup that has no good copy anywhere else is gone here with it. For a place that works, delete
    its copies instead.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (LocationForget):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LocationForgotten | Problem
    """

    return (
        await asyncio_detailed(
            location_id=location_id,
            client=client,
            body=body,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
        )
    ).parsed
