from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.backup_accepted import BackupAccepted
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    backup_id: str,
    location_id: str,
    *,
    confirm: str | Unset = "",
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    params: dict[str, Any] = {}

    params["confirm"] = confirm

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/v1/backups/{backup_id}/copies/{location_id}".format(
            backup_id=quote(str(backup_id), safe=""),
            location_id=quote(str(location_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BackupAccepted | Problem | None:
    if response.status_code == 202:
        response_202 = BackupAccepted.from_dict(response.json())

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

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BackupAccepted | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    backup_id: str,
    location_id: str,
    *,
    client: AuthenticatedClient,
    confirm: str | Unset = "",
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[BackupAccepted | Problem]:
    """Delete Backup Copy

     Deletes what lies in one location, and says so only when it is seen to be gone. With the last one
    goes the backup.

    What the store has locked stays, as `retained`, and is deleted when the lock has ended.

    Args:
        backup_id (str):
        location_id (str):
        confirm (str | Unset): The backup's id: needed for the only good copy of the newest good
            backup. Default: ''.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BackupAccepted | Problem]
    """

    kwargs = _get_kwargs(
        backup_id=backup_id,
        location_id=location_id,
        confirm=confirm,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    backup_id: str,
    location_id: str,
    *,
    client: AuthenticatedClient,
    confirm: str | Unset = "",
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> BackupAccepted | Problem | None:
    """Delete Backup Copy

     Deletes what lies in one location, and says so only when it is seen to be gone. With the last one
    goes the backup.

    What the store has locked stays, as `retained`, and is deleted when the lock has ended.

    Args:
        backup_id (str):
        location_id (str):
        confirm (str | Unset): The backup's id: needed for the only good copy of the newest good
            backup. Default: ''.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BackupAccepted | Problem
    """

    return sync_detailed(
        backup_id=backup_id,
        location_id=location_id,
        client=client,
        confirm=confirm,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    backup_id: str,
    location_id: str,
    *,
    client: AuthenticatedClient,
    confirm: str | Unset = "",
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> Response[BackupAccepted | Problem]:
    """Delete Backup Copy

     Deletes what lies in one location, and says so only when it is seen to be gone. With the last one
    goes the backup.

    What the store has locked stays, as `retained`, and is deleted when the lock has ended.

    Args:
        backup_id (str):
        location_id (str):
        confirm (str | Unset): The backup's id: needed for the only good copy of the newest good
            backup. Default: ''.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BackupAccepted | Problem]
    """

    kwargs = _get_kwargs(
        backup_id=backup_id,
        location_id=location_id,
        confirm=confirm,
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    backup_id: str,
    location_id: str,
    *,
    client: AuthenticatedClient,
    confirm: str | Unset = "",
    dry_run: bool | Unset = False,
    idempotency_key: str | Unset = UNSET,
) -> BackupAccepted | Problem | None:
    """Delete Backup Copy

     Deletes what lies in one location, and says so only when it is seen to be gone. With the last one
    goes the backup.

    What the store has locked stays, as `retained`, and is deleted when the lock has ended.

    Args:
        backup_id (str):
        location_id (str):
        confirm (str | Unset): The backup's id: needed for the only good copy of the newest good
            backup. Default: ''.
        dry_run (bool | Unset):  Default: False.
        idempotency_key (str | Unset): A new random value per intended action. A repetition with
            the same value gets the first answer again for 24 hours, marked by `Idempotency-Replayed:
            true`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BackupAccepted | Problem
    """

    return (
        await asyncio_detailed(
            backup_id=backup_id,
            location_id=location_id,
            client=client,
            confirm=confirm,
            dry_run=dry_run,
            idempotency_key=idempotency_key,
        )
    ).parsed
