from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.escrow_put import EscrowPut
from ...models.escrow_view import EscrowView
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    project_id: str,
    *,
    body: EscrowPut,
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
        "method": "put",
        "url": "/v1/projects/{project_id}/escrow-recipients".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> EscrowView | Problem | None:
    if response.status_code == 200:
        response_200 = EscrowView.from_dict(response.json())

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
) -> Response[EscrowView | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: EscrowPut,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[EscrowView | Problem]:
    """Put Escrow Recipients

     Replaces them for everything that is encrypted from now on. What is stored stays as it was written.

    Needs `backups:download` as well, since whoever adds a key of his own can read every later backup.

    Args:
        project_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset):
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (EscrowPut):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EscrowView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
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
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: EscrowPut,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> EscrowView | Problem | None:
    """Put Escrow Recipients

     Replaces them for everything that is encrypted from now on. What is stored stays as it was written.

    Needs `backups:download` as well, since whoever adds a key of his own can read every later backup.

    Args:
        project_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset):
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (EscrowPut):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EscrowView | Problem
    """

    return sync_detailed(
        project_id=project_id,
        client=client,
        body=body,
        dry_run=dry_run,
        if_match=if_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: EscrowPut,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[EscrowView | Problem]:
    """Put Escrow Recipients

     Replaces them for everything that is encrypted from now on. What is stored stays as it was written.

    Needs `backups:download` as well, since whoever adds a key of his own can read every later backup.

    Args:
        project_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset):
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (EscrowPut):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EscrowView | Problem]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
        dry_run=dry_run,
        if_match=if_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    project_id: str,
    *,
    client: AuthenticatedClient,
    body: EscrowPut,
    dry_run: bool | Unset = False,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> EscrowView | Problem | None:
    """Put Escrow Recipients

     Replaces them for everything that is encrypted from now on. What is stored stays as it was written.

    Needs `backups:download` as well, since whoever adds a key of his own can read every later backup.

    Args:
        project_id (str):
        dry_run (bool | Unset):  Default: False.
        if_match (str | Unset):
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.
        body (EscrowPut):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EscrowView | Problem
    """

    return (
        await asyncio_detailed(
            project_id=project_id,
            client=client,
            body=body,
            dry_run=dry_run,
            if_match=if_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
