"""What this domain looks for by itself. It brings no jobs."""

from app.connections.certificate_watching import watch_certificates
from app.runtime import Runtime


async def watch(runtime: Runtime) -> None:
    """To be called every minute."""
    await watch_certificates(runtime)
