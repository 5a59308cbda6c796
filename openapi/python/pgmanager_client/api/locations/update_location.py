from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.location_update import LocationUpdate
from ...models.location_view import LocationView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    location_id: str,
    *,
    body: LocationUpdate,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/v1/locations/{location_id}".format(
            location_id=quote(str(location_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> LocationView | Problem | None:
    if response.status_code == 200:
        response_200 = LocationView.from_dict(response.json())

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

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

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
) -> Response[LocationView | Problem]:
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
    body: LocationUpdate,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[LocationView | Problem]:
    """Update Location

     Renames it, makes it the default of its project, or replaces its credentials once they were tried
    out.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset): The ETag that the change was decided on; another one answers 412.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (LocationUpdate): Members that are absent or null stay as they are. Where a location
            is cannot change: copies lie there.

            Nor can encryption and lock of what is written there, which is why an old backup and a new
            one do not differ in them.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LocationView | Problem]
    """

    kwargs = _get_kwargs(
        location_id=location_id,
        body=body,
        dry_run=dry_run,
        if_match=if_match,
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
    body: LocationUpdate,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> LocationView | Problem | None:
    """Update Location

     Renames it, makes it the default of its project, or replaces its credentials once they were tried
    out.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset): The ETag that the change was decided on; another one answers 412.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (LocationUpdate): Members that are absent or null stay as they are. Where a location
            is cannot change: copies lie there.

            Nor can encryption and lock of what is written there, which is why an old backup and a new
            one do not differ in them.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LocationView | Problem
    """

    return sync_detailed(
        location_id=location_id,
        client=client,
        body=body,
        dry_run=dry_run,
        if_match=if_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationUpdate,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[LocationView | Problem]:
    """Update Location

     Renames it, makes it the default of its project, or replaces its credentials once they were tried
    out.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset): The ETag that the change was decided on; another one answers 412.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (LocationUpdate): Members that are absent or null stay as they are. Where a location
            is cannot change: copies lie there.

            Nor can encryption and lock of what is written there, which is why an old backup and a new
            one do not differ in them.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LocationView | Problem]
    """

    kwargs = _get_kwargs(
        location_id=location_id,
        body=body,
        dry_run=dry_run,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    location_id: str,
    *,
    client: AuthenticatedClient,
    body: LocationUpdate,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> LocationView | Problem | None:
    """Update Location

     Renames it, makes it the default of its project, or replaces its credentials once they were tried
    out.

    Args:
        location_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset): The ETag that the change was decided on; another one answers 412.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (LocationUpdate): Members that are absent or null stay as they are. Where a location
            is cannot change: copies lie there.

            Nor can encryption and lock of what is written there, which is why an old backup and a new
            one do not differ in them.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LocationView | Problem
    """

    return (
        await asyncio_detailed(
            location_id=location_id,
            client=client,
            body=body,
            dry_run=dry_run,
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
