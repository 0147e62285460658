"""Ranges of IP addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

AnyAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
AnyNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class SpanOrderError(ValueError):
    """A span whose last address is before its first, or has another IP version."""


class Span(NamedTuple):
    """Consecutive addresses, including both ends."""

    first: AnyAddress
    last: AnyAddress

    def overlaps(self, span: Span) -> bool:
        """Return whether the spans share an address; spans of different IP versions never do."""
        if self.first.version != span.first.version:
            return False
        return int(self.first) <= int(span.last) and int(span.first) <= int(self.last)

    def contains(self, span: Span) -> bool:
        """Return whether all addresses of another span are in this one."""
        is_same_version = self.first.version == span.first.version
        is_inside = int(self.first) <= int(span.first) and int(span.last) <= int(self.last)
        return is_same_version and is_inside

    def size(self) -> int:
        """Return the number of addresses."""
        return int(self.last) - int(self.first) + 1


def overlapping(spans: Sequence[Span], most: int) -> list[tuple[int, int]]:
    """Return the pairs of positions of spans that overlap, in the order of the positions.

    Args:
        spans: The spans.
        most: The number of later spans with which a span is paired, in the order of addresses.
    """
    ordered = sorted(range(len(spans)), key=lambda position: _order(spans[position]))
    pairs: list[tuple[int, int]] = []
    for index, position in enumerate(ordered):
        for later in ordered[index + 1 : index + 1 + most]:
            if not spans[position].overlaps(spans[later]):
                break
            pairs.append((min(position, later), max(position, later)))
    return sorted(pairs)


def _order(span: Span) -> tuple[int, int]:
    return span.first.version, int(span.first)


def span_of_network(network: AnyNetwork) -> Span:
    """Return all addresses of a network."""
    return Span(network.network_address, network.broadcast_address)


def read_span(text: str) -> Span:
    """Read ``192.168.1.240-192.168.1.250``, ``192.168.1.240/28`` or a single address.

    MetalLB writes address pools in the first two forms.

    Raises:
        SpanOrderError: When the span ends before it starts.
        ValueError: When the text has none of these forms.
    """
    first, dash, last = (piece.strip() for piece in text.partition("-"))
    if not dash:
        # strict=False: MetalLB takes 10.0.0.5/24 for the whole 10.0.0.0/24.
        return span_of_network(ipaddress.ip_network(first, strict=False))
    span = Span(ipaddress.ip_address(first), ipaddress.ip_address(last))
    if span.first.version != span.last.version or int(span.first) > int(span.last):
        raise SpanOrderError("ends before it starts; write the lower address first")
    return span
