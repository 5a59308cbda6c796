"""The README's session, run as it is printed there against the stack of `scripts/dev`."""

import asyncio
import re
from pathlib import Path

from app.embedded.stack import BUCKET, embedded_stack

README = Path(__file__).resolve().parents[2] / "README.md"


def printed_session() -> str:
    found = re.search(r"<!-- session -->\n```bash\n(.*?)```", README.read_text(), re.DOTALL)
    assert found, "the README has no session"
    return found.group(1)


async def test_the_session_of_the_readme_works_as_printed(server_directory: Path) -> None:
    async with embedded_stack(server_directory / "readme") as stack:
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", printed_session()),
            env={
                "PATH": "/usr/bin:/bin",
                "PGM_URL": stack.base_url,
                "PGM_KEY": stack.admin_key.get_secret_value(),
                "S3_ENDPOINT": stack.store.endpoint_url,
                "S3_BUCKET": BUCKET,
                "S3_ACCESS_KEY_ID": stack.store.access_key,
                "S3_SECRET_ACCESS_KEY": stack.store.secret_key.get_secret_value(),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await shell.communicate()
    text = output.decode()
    assert shell.returncode == 0, text
    assert text.count('"state": "succeeded"') == 2, text
    assert '"state": "restored"' in text, text
    assert re.search(r"event: end", text), text
    assert "100000 | 4950049500.00" in " ".join(text.split()), text
