from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="EscrowRecipient")


@_attrs_define
class EscrowRecipient:
    """The public half of a stock age key."""

    recipient: str
    """ As `age-keygen` prints it. Keys of other kinds (ssh, passphrases, plugins) are refused. """
    name: str
    """ Whose key it is, or where its secret half lies. """

    def to_dict(self) -> dict[str, Any]:
        recipient = self.recipient

        name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "recipient": recipient,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        recipient = d.pop("recipient")

        name = d.pop("name")

        escrow_recipient = cls(
            recipient=recipient,
            name=name,
        )

        return escrow_recipient
