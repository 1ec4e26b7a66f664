"""What counts as one network."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

_PREFIX_BITS: Final = 64


def network_of(host: str) -> str:
    """Return who counts as one: an IPv4 address, or the /64 of an IPv6 one.

    What is no address, such as the name of a test's client, counts as itself.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address.packed, _PREFIX_BITS), strict=False))
