from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.consumer_accepted import ConsumerAccepted
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    database_id: str,
    service: str,
    *,
    variable: str | Unset = "DATABASE_URL",
    redeploy: bool | Unset = False,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["variable"] = variable

    params["redeploy"] = redeploy

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/databases/{database_id}/consumers/{service}".format(
            database_id=quote(str(database_id), safe=""),
            service=quote(str(service), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ConsumerAccepted | Problem | None:
    if response.status_code == 202:
        response_202 = ConsumerAccepted.from_dict(response.json())

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
) -> Response[ConsumerAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    database_id: str,
    service: str,
    *,
    client: AuthenticatedClient,
    variable: str | Unset = "DATABASE_URL",
    redeploy: bool | Unset = False,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[ConsumerAccepted | Problem]:
    """Delete Database Consumer

     Removes a variable that refers to the database, by way of the staged changes and without a
    deployment of its own.

    Args:
        database_id (str):
        service (str): Its id or name at Railway.
        variable (str | Unset):  Default: 'DATABASE_URL'.
        redeploy (bool | Unset): Deploy the service, so that it no longer has the variable.
            Default: False.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConsumerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        service=service,
        variable=variable,
        redeploy=redeploy,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    database_id: str,
    service: str,
    *,
    client: AuthenticatedClient,
    variable: str | Unset = "DATABASE_URL",
    redeploy: bool | Unset = False,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> ConsumerAccepted | Problem | None:
    """Delete Database Consumer

     Removes a variable that refers to the database, by way of the staged changes and without a
    deployment of its own.

    Args:
        database_id (str):
        service (str): Its id or name at Railway.
        variable (str | Unset):  Default: 'DATABASE_URL'.
        redeploy (bool | Unset): Deploy the service, so that it no longer has the variable.
            Default: False.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConsumerAccepted | Problem
    """

    return sync_detailed(
        database_id=database_id,
        service=service,
        client=client,
        variable=variable,
        redeploy=redeploy,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    database_id: str,
    service: str,
    *,
    client: AuthenticatedClient,
    variable: str | Unset = "DATABASE_URL",
    redeploy: bool | Unset = False,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[ConsumerAccepted | Problem]:
    """Delete Database Consumer

     Removes a variable that refers to the database, by way of the staged changes and without a
    deployment of its own.

    Args:
        database_id (str):
        service (str): Its id or name at Railway.
        variable (str | Unset):  Default: 'DATABASE_URL'.
        redeploy (bool | Unset): Deploy the service, so that it no longer has the variable.
            Default: False.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ConsumerAccepted | Problem]
    """

    kwargs = _get_kwargs(
        database_id=database_id,
        service=service,
        variable=variable,
        redeploy=redeploy,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    database_id: str,
    service: str,
    *,
    client: AuthenticatedClient,
    variable: str | Unset = "DATABASE_URL",
    redeploy: bool | Unset = False,
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> ConsumerAccepted | Problem | None:
    """Delete Database Consumer

     Removes a variable that refers to the database, by way of the staged changes and without a
    deployment of its own.

    Args:
        database_id (str):
        service (str): Its id or name at Railway.
        variable (str | Unset):  Default: 'DATABASE_URL'.
        redeploy (bool | Unset): Deploy the service, so that it no longer has the variable.
            Default: False.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ConsumerAccepted | Problem
    """

    return (
        await asyncio_detailed(
            database_id=database_id,
            service=service,
            client=client,
            variable=variable,
            redeploy=redeploy,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
        )
    ).parsed
