"""Which network addresses are public, so that a name from outside may lead to them.

Serves `outbound`. Pure: takes addresses, resolves no name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's registries of special-purpose addresses (RFC 6890), written out because the standard
# library's view of them changes with its versions; and the host that Azure's machines get their
# own secrets from, whose address looks public.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# All IPv6 that is handed out lies in 2000::/3; of it, these are special.
_GLOBAL_6 = ipaddress.ip_network("2000::/3")
_SPECIAL_6 = tuple(
    map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "3fff::/20", "2620:4f:8000::/48"))
)
# An IPv4 address in these is where a gateway sends the packet on to.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")


def is_public(text: str) -> bool:
    """Whether an address is one that anybody on the internet may reach; False for what is none."""
    address = _parse(text)
    return address is not None and all(_is_public(one) for one in _meant(address))


def is_loopback(text: str) -> bool:
    """Whether an address is this machine's own, also as an IPv4 address written in IPv6."""
    address = _parse(text)
    return address is not None and all(one.is_loopback for one in _meant(address))


def _parse(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _meant(address: Address) -> Iterator[Address]:
    """Yield where a packet to an address may arrive."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    elif address in _6TO4:
        yield address
        yield ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    else:
        yield address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL)
    if address.scope_id is not None or address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _SPECIAL_6)
