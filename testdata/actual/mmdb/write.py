#!/usr/bin/env python3
"""Writes country.mmdb and asn.mmdb beside it: small databases in MaxMind's format, of networks that
stand in documentation only, for tests/suite/actual.rs.

    python3 testdata/actual/mmdb/write.py

The format (MaxMind DB 2.0): a binary tree over the bits of addresses, of records of 24 bits; sixteen
zero bytes; the data; a marker; the metadata. IPv4 lies below ::/96.
"""

import ipaddress
import struct
from pathlib import Path

COUNTRIES = {
    "192.0.2.0/24": {"country": {"iso_code": "NL"}},
    "198.51.100.0/25": {"country": {"iso_code": "BR"}},
    "2001:db8::/32": {"registered_country": {"iso_code": "SE"}},
}
SYSTEMS = {
    "192.0.2.0/24": {
        "autonomous_system_number": 64496,
        "autonomous_system_organization": "Example Hosting",
    },
    "198.51.100.0/24": {"autonomous_system_number": 64500},
}


def encoded(value):
    """A value of the data section."""
    if isinstance(value, str):
        return head(2, len(value.encode())) + value.encode()
    if isinstance(value, int):
        value = ("u32", value)
    if isinstance(value, tuple):
        kind, number = value
        size = max(1, (number.bit_length() + 7) // 8)
        return head({"u16": 5, "u32": 6, "u64": 9}[kind], size) + number.to_bytes(size, "big")
    if isinstance(value, dict):
        pairs = b"".join(encoded(key) + encoded(each) for key, each in value.items())
        return head(7, len(value)) + pairs
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(encoded(each) for each in value)
    raise TypeError(value)


def head(kind, size):
    """What kind of value follows, and how long it is."""
    assert size < 29 + 256, "longer ones are written otherwise"
    more = [size - 29] if size >= 29 else []
    size = min(size, 29)
    return bytes([size, kind - 7, *more]) if kind > 7 else bytes([kind << 5 | size, *more])


def bits(network):
    network = ipaddress.ip_network(network)
    number, length = int(network.network_address), network.prefixlen
    if network.version == 4:
        length += 96
    return [number >> (127 - at) & 1 for at in range(length)]


def write(path, kind, networks):
    nodes, data = [[None, None]], b""
    for network, value in networks.items():
        *way, last = bits(network)
        node = 0
        for bit in way:
            if nodes[node][bit] is None:
                nodes[node][bit] = ("node", len(nodes))
                nodes.append([None, None])
            node = nodes[node][bit][1]
        nodes[node][last] = ("data", len(data))
        data += encoded(value)
    tree = b""
    for node in nodes:
        for record in node:
            what, at = record or ("node", len(nodes))
            tree += struct.pack(">I", at if what == "node" else len(nodes) + 16 + at)[1:]
    about = {
        "binary_format_major_version": ("u16", 2),
        "binary_format_minor_version": ("u16", 0),
        "build_epoch": ("u64", 1795000000),
        "database_type": kind,
        "description": {"en": "networks of documentation"},
        "ip_version": ("u16", 6),
        "languages": ["en"],
        "node_count": len(nodes),
        "record_size": ("u16", 24),
    }
    marker = b"\xab\xcd\xefMaxMind.com"
    path.write_bytes(tree + bytes(16) + data + marker + encoded(about))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    write(here / "country.mmdb", "Test-Country", COUNTRIES)
    write(here / "asn.mmdb", "Test-ASN", SYSTEMS)
