"""What may not be created too quickly, whatever the quota says."""

from datetime import timedelta

from tests.railway_simulator.errors import Refusal
from tests.railway_simulator.platform import Platform


def throttle(platform: Platform, what: str) -> None:
    """Counts a creation, or raises Refusal when the last one is too fresh."""
    pause, last = platform.settings.creation_throttle_seconds, platform.created.get(what)
    if pause and last is not None and platform.now() < last + timedelta(seconds=pause):
        if what == "environments":
            raise Refusal("You can only create one environment every 30s. Please try again later.")
        raise Refusal(f"You are creating {what} too quickly. Please try again later.")
    platform.created[what] = platform.now()
