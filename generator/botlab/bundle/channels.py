"""Charm channels, and Juju's messages for invalid ones (charm ``ParseChannel``)."""

from __future__ import annotations

from typing import NamedTuple

from .go_text import quote

RISKS = ("stable", "candidate", "beta", "edge")


class Channel(NamedTuple):
    """A channel. The risk is empty when the text names none, which means stable."""

    track: str = ""
    risk: str = ""
    branch: str = ""


class ChannelError(ValueError):
    """A channel that Juju cannot parse. The message is Juju's own."""


def parse_channel(text: str) -> Channel:
    """Parse a channel: TRACK, RISK, TRACK/RISK, RISK/BRANCH or TRACK/RISK/BRANCH.

    Raises:
        ChannelError: With Juju's message.
    """
    if not text:
        raise ChannelError("empty channel not valid")
    parts = text.split("/")
    if len(parts) > 3:
        raise ChannelError(f"channel is malformed and has too many components {quote(text)}")
    has_track = len(parts) == 3 or parts[0] not in RISKS
    track, *rest = parts if has_track else ["", *parts]
    risk = rest[0] if rest else ""
    if rest and risk not in RISKS:
        raise ChannelError(f"risk in channel {quote(text)} not valid")
    if has_track and not track:
        raise ChannelError(f"track in channel {quote(text)} not valid")
    if len(rest) == 2 and not rest[1]:
        raise ChannelError(f"branch in channel {quote(text)} not valid")
    return Channel(track, risk, rest[1] if len(rest) == 2 else "")


def channel_error(text: str) -> str:
    """Return Juju's message for an invalid channel; empty when it is valid."""
    try:
        parse_channel(text)
    except ChannelError as error:
        return str(error)
    return ""


def normalized_channel(text: str) -> str:
    """Return a channel with its risk, as Juju completes it (juju/charm Channel.Normalize)."""
    return text if "/" in text or not text else f"{text}/stable"
