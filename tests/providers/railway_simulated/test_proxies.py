"""Public access: one proxy, whatever answers are lost, and its address only once it leads somewhere."""

import pytest

from app.providers.railway.proxies import Proxy, PublicAccessFailed, close_public, open_public, public_address
from tests.providers.railway_simulated.asking import an_environment, commit
from tests.providers.railway_simulated.speaking import a_place, speaking
from tests.railway_simulator.process import Simulator
from tests.railway_world import open_proxies


async def test_a_proxy_is_made_once_waited_for_and_kept(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    told: list[str] = []
    await platform.settings(proxy_seconds=1.0)
    async with speaking(platform) as client:
        assert await public_address(client, place) is None
        first = await open_public(client, place, note=told.append)
        assert await open_public(client, place) == first == await public_address(client, place)
    assert any("CREATING" in line for line in told)
    (proxy,) = await open_proxies(platform, place.service())
    assert (proxy["status"], proxy["application_port"]) == ("ACTIVE", 5432)


@pytest.mark.parametrize("kind", ["lost_answer", "lost_request", "busy"])
async def test_an_answer_that_is_lost_leads_to_one_proxy_and_not_to_two(platform: Simulator, kind: str) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        await platform.fault("environmentPatchCommit", kind)
        await open_public(client, place)
        assert len(await open_proxies(platform, place.service())) == 1
        await platform.fault("tcpProxyDelete", kind)
        await close_public(client, place)
    assert await open_proxies(platform, place.service()) == []


async def test_a_proxy_that_is_made_again_has_another_port(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    async with speaking(platform) as client:
        first = await open_public(client, place)
        await close_public(client, place)
        assert await public_address(client, place) is None
        assert await open_public(client, place) != first


async def test_closing_waits_while_the_proxy_is_still_being_made(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    told: list[str] = []
    await platform.settings(proxy_seconds=1.0, visible_after_seconds=0)
    await commit(
        platform, place.environment_id, {"services": {place.service(): {"networking": {"tcpProxies": {"5432": {}}}}}}
    )
    async with speaking(platform) as client:
        await close_public(client, place, note=told.append)
        await close_public(client, place)
    assert any("already in progress" in line for line in told)
    assert await open_proxies(platform, place.service()) == []


async def test_a_proxy_that_never_becomes_active_is_said_so(platform: Simulator) -> None:
    place = await a_place(platform, await an_environment(platform))
    await platform.settings(proxy_seconds=60)
    async with speaking(platform) as client:
        with pytest.raises(PublicAccessFailed, match="after 1 s there is no active proxy"):
            await open_public(client, place, seconds=1)


@pytest.mark.parametrize(
    ("domain", "port"), [(None, 7000), ("", 7000), ("a b.example", 7000), ("a.example", None), ("a.example", 0)]
)
def test_half_a_proxy_has_no_address(domain: str | None, port: int | None) -> None:
    proxy = Proxy(id="1", domain=domain, proxy_port=port, application_port=5432, sync_status="ACTIVE")
    assert proxy.address is None
