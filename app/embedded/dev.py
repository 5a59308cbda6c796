"""`pgmanager dev`: the embedded stack, left running until Ctrl-C."""

import asyncio
import signal
from pathlib import Path

from app.embedded.stack import BUCKET, embedded_stack


async def run(directory: Path, *, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("Starting the control database, the object store, the API and a worker …", flush=True)
    async with embedded_stack(directory, port=port) as stack:
        location = stack.store
        print(
            f"""
The stack runs. Ctrl-C stops it; its data stay in {directory}/.

    export PGM_URL={stack.base_url}
    export PGM_KEY={stack.admin_key.get_secret_value()}
    export S3_ENDPOINT={location.endpoint_url}
    export S3_BUCKET={BUCKET}
    export S3_ACCESS_KEY_ID={location.access_key}
    export S3_SECRET_ACCESS_KEY={location.secret_key.get_secret_value()}

Documentation of the API: {stack.base_url}/docs
Log of the service:       {stack.log_file}
""",
            flush=True,
        )
        await stop.wait()
        print("Stopping …", flush=True)
