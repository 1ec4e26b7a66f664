"""The name a node has in the billing repository when nobody gave it one."""

import hashlib
import re
import socket
from pathlib import Path
from typing import Final

_MACHINE_IDS: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_LABEL_CHARACTERS_MAX: Final = 56


def default_node_name() -> str:
    """Name this machine: the host name's first label and six digits of its id's hash."""
    return node_name(socket.gethostname(), _machine_id())


def node_name(host: str, machine_id: str) -> str:
    """Make a node's name: lower case, other characters as ``-``, six hex digits of a hash."""
    label = re.sub(r"[^a-z0-9]", "-", host.split(".", maxsplit=1)[0].lower()).lstrip("-")
    digest = hashlib.sha256(machine_id.encode()).hexdigest()[:6]
    return f"{label[:_LABEL_CHARACTERS_MAX] or 'node'}-{digest}"


def _machine_id() -> str:
    for path in _MACHINE_IDS:
        if path.is_file():
            text = path.read_text(encoding="ascii", errors="replace").strip()
            if text:
                return text
    return socket.gethostname()
