"""Which blocks of addresses let in all the world."""

_HALF, _HALF_OF_IPV6 = 1, 4
"""The lengths of blocks with half of all public addresses: two halves are the world, by rules of which a check for /0 sees neither.

All of IPv6 that is given out so far is 2000::/3 (https://www.iana.org/assignments/ipv6-address-space).
"""


def is_half_of_world(block: str) -> bool:
    """Tell whether the CIDR block (`0.0.0.0/1`, `2000::/3`) has half of all public addresses or more."""
    length = block.rpartition("/")[2]
    return length.isdecimal() and int(length) <= (_HALF_OF_IPV6 if ":" in block else _HALF)
