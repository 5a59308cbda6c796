"""How each kind of sender proves who it is, and what its messages say. A later kind is another class in ``SENDERS``."""

from collections.abc import Mapping
from typing import Final

from app.webhooks.models import HookKind
from app.webhooks.senders.github import GitHub
from app.webhooks.senders.gitlab import GitLab
from app.webhooks.senders.message import Message, Notice, Sender
from app.webhooks.senders.railway import Railway

SENDERS: Final[Mapping[HookKind, Sender]] = {
    HookKind.RAILWAY: Railway(),
    HookKind.GITHUB: GitHub(),
    HookKind.GITLAB: GitLab(),
}

__all__ = ["SENDERS", "Message", "Notice", "Sender"]
