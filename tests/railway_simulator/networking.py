"""Ways to a service: its private name, which is there as long as the service, and one public TCP proxy.

A proxy gets a new port each time that it is made. It lets nobody in before it is ACTIVE, and refuses to be deleted while
it changes.
"""

from typing import Any

from tests.railway_simulator import reach
from tests.railway_simulator.deployments import server_port
from tests.railway_simulator.errors import NotFound, Refusal
from tests.railway_simulator.model import Proxy, ServiceInstance
from tests.railway_simulator.platform import Platform, new_id
from tests.railway_simulator.private_network import join_private_network
from tests.railway_simulator.registry import Call, mutation, query
from tests.railway_simulator.relay import Relay


async def join(platform: Platform, instance: ServiceInstance) -> None:
    instance.door = await join_private_network(instance.environment_id, lambda: server_port(platform, instance))


async def leave(platform: Platform, instance: ServiceInstance) -> None:
    """After the service is deleted: nothing leads to it any more."""
    if instance.door is not None:
        await instance.door.close()
    if (proxy := platform.proxy(instance)) is not None:
        await _end(platform, proxy)


async def open_proxy(platform: Platform, instance: ServiceInstance, application_port: int) -> None:
    proxy = Proxy(
        id=new_id(),
        created_at=platform.now(),
        service_id=instance.service_id,
        environment_id=instance.environment_id,
        application_port=application_port,
    )
    proxy.door = await Relay.opened(lambda: server_port(platform, instance) if proxy.status == "ACTIVE" else None)
    platform.proxies[proxy.id] = proxy
    platform.spawn(_activate(platform, proxy))


async def _activate(platform: Platform, proxy: Proxy) -> None:
    await platform.sleep(platform.settings.proxy_seconds)
    if proxy.status == "CREATING":
        proxy.status = "ACTIVE"


def close_proxy(platform: Platform, proxy: Proxy) -> None:
    if proxy.status in ("CREATING", "UPDATING", "DELETING"):
        raise Refusal("Cannot change the TCP proxy: an operation is already in progress")
    proxy.status = "DELETING"
    platform.spawn(_end(platform, proxy))


async def _end(platform: Platform, proxy: Proxy) -> None:
    proxy.status = "DELETING"
    if proxy.door is not None:
        await proxy.door.close()
    await platform.sleep(platform.settings.proxy_seconds)
    proxy.status, proxy.deleted_at = "DELETED", platform.now()


# Deleted ones stay in the list, with their mark.
@query()
async def tcp_proxies(call: Call, *, environment_id: str, service_id: str) -> list[dict[str, Any]]:
    instance = reach.instance(call, environment_id, service_id)
    return [
        {
            "id": proxy.id,
            "domain": proxy.door.host,
            "proxyPort": proxy.door.port,
            "applicationPort": proxy.application_port,
            "syncStatus": proxy.status,
            "deletedAt": proxy.deleted_at,
        }
        for proxy in call.platform.proxies.values()
        if (proxy.environment_id, proxy.service_id) == (instance.environment_id, instance.service_id)
        and call.platform.is_visible(proxy)
        and proxy.door is not None
    ]


@mutation()
async def tcp_proxy_delete(call: Call, *, id: str) -> bool:  # noqa: A002 (the schema's name)
    proxy = call.platform.proxies.get(id)
    if proxy is None or proxy.deleted_at is not None:
        raise NotFound("TCPProxy")
    reach.environment(call, proxy.environment_id)
    close_proxy(call.platform, proxy)
    return True
