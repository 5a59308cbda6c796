from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.import_accepted import ImportAccepted
from ...models.import_create import ImportCreate
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: ImportCreate,
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
        "url": "/v1/imports",
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ImportAccepted | Problem | None:
    if response.status_code == 202:
        response_202 = ImportAccepted.from_dict(response.json())

        return response_202

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
) -> Response[ImportAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ImportCreate,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> Response[ImportAccepted | Problem]:
    """Create Import

     Fetches a dump that was made elsewhere, or gives addresses to upload it to.

    An archive becomes a backup, which is restored like any other. Plain SQL is kept, and restored by
    `:restore`.

    Args:
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (ImportCreate): What a file is, is found by its contents: an archive of pg_dump or
            plain SQL, each also in gzip or age.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ImportCreate,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> ImportAccepted | Problem | None:
    """Create Import

     Fetches a dump that was made elsewhere, or gives addresses to upload it to.

    An archive becomes a backup, which is restored like any other. Plain SQL is kept, and restored by
    `:restore`.

    Args:
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (ImportCreate): What a file is, is found by its contents: an archive of pg_dump or
            plain SQL, each also in gzip or age.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportAccepted | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ImportCreate,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> Response[ImportAccepted | Problem]:
    """Create Import

     Fetches a dump that was made elsewhere, or gives addresses to upload it to.

    An archive becomes a backup, which is restored like any other. Plain SQL is kept, and restored by
    `:restore`.

    Args:
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (ImportCreate): What a file is, is found by its contents: an archive of pg_dump or
            plain SQL, each also in gzip or age.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ImportAccepted | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ImportCreate,
    dry_run: bool | Unset = False,
    idempotency_key: str,
) -> ImportAccepted | Problem | None:
    """Create Import

     Fetches a dump that was made elsewhere, or gives addresses to upload it to.

    An archive becomes a backup, which is restored like any other. Plain SQL is kept, and restored by
    `:restore`.

    Args:
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str): A new random value per intended action. A repetition with the same
            value gets the first answer again for 24 hours, marked by `Idempotency-Replayed: true`.
        body (ImportCreate): What a file is, is found by its contents: an archive of pg_dump or
            plain SQL, each also in gzip or age.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ImportAccepted | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
        )
    ).parsed
