"""The daemon's routes, with the names and statuses of its code rather than of its documents."""

import base64
import binascii
import time
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any, Final

import msgspec

from hero_onboarding.sandbox.exchange import Answer, Request, json_answer, text_answer
from hero_onboarding.sandbox.mycelium.overlay import Message, Overlay, address_of

_TOPIC_BYTES_MAX: Final = 255
_KEY_BYTES: Final = 32
_STEP_SECONDS: Final = 0.02
_NOT_FOUND: Final = Answer(404)
_MALFORMED: Final = 422


def answer_daemon(overlay: Overlay, request: Request) -> Answer:
    """Answer what a client of the daemon asks."""
    if overlay.is_down:
        return Answer(500)
    answer: Answer
    match request.method, request.segments[2:]:
        case "GET", ("admin",):
            answer = _admin(overlay)
        case "GET", ("pubkey", ip):
            answer = _public_key(overlay, ip)
        case "POST", ("messages",):
            answer = _push(overlay, request)
        case "GET", ("messages",):
            answer = _pop(overlay, request.query)
        case "POST", ("messages", "reply", _):
            answer = Answer(204)
        case "GET", ("messages", "status", message_id):
            answer = _status(overlay, message_id)
        case _:
            answer = _NOT_FOUND
    return answer


def _admin(overlay: Overlay) -> Answer:
    address = address_of(overlay.own_key)
    prefix = IPv6Address(address.packed[:8] + bytes(8))
    found: dict[str, object] = {"nodeSubnet": f"{prefix}/64", "nodePubkey": overlay.own_key.hex()}
    if overlay.has_node_ip:
        found |= {"nodeIp": str(address), "nodeStartTime": 1_700_000_000}
    return json_answer(found)


def _public_key(overlay: Overlay, ip: str) -> Answer:
    address = _address(ip)
    if address is None:
        return Answer(400)
    key = overlay.key_of(address)
    return _NOT_FOUND if key is None else json_answer({"publicKey": key.hex()})


def _push(overlay: Overlay, request: Request) -> Answer:
    body = _object(request.body)
    destination = body.get("dst")
    topic, payload = _bytes(body.get("topic", "")), _bytes(body.get("payload"))
    if not isinstance(destination, dict) or topic is None or payload is None:
        return Answer(_MALFORMED)
    if len(topic) > _TOPIC_BYTES_MAX:
        return Answer(400)
    key = _destination(overlay, destination)
    if key is None:
        return Answer(_MALFORMED)
    message_id = overlay.push(key, topic, payload)
    wait = request.query.get("reply_timeout")
    if wait is None:
        return json_answer({"id": message_id}, 201)
    if not wait.isdigit():
        return Answer(400)
    return _await_reply(overlay, message_id, int(wait))


def _destination(overlay: Overlay, destination: Mapping[str, object]) -> bytes | None:
    """Return the key that a message goes to; one to an unknown address goes to nobody."""
    ip, key = destination.get("ip"), destination.get("pk")
    if isinstance(ip, str) and key is None:
        address = _address(ip)
        return None if address is None else overlay.call(address) or bytes(_KEY_BYTES)
    try:
        packed = bytes.fromhex(key) if isinstance(key, str) else b""
    except ValueError:
        packed = b""
    if len(packed) != _KEY_BYTES:
        return None
    overlay.call(address_of(packed))
    return packed


def _await_reply(overlay: Overlay, message_id: str, seconds: int) -> Answer:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        reply = overlay.reply_to(message_id)
        if reply is not None:
            return json_answer(_shown(reply))
        time.sleep(_STEP_SECONDS)
    return json_answer({"id": message_id}, 408)


def _pop(overlay: Overlay, query: Mapping[str, str]) -> Answer:
    topic = _bytes(query["topic"]) if "topic" in query else None
    if "topic" in query and topic is None:
        return Answer(400)
    message = overlay.pop(topic, peek=query.get("peek") == "true")
    return Answer(204) if message is None else json_answer(_shown(message))


def _status(overlay: Overlay, message_id: str) -> Answer:
    message = overlay.status_of(message_id)
    if message is None:
        return _NOT_FOUND
    found = {
        "dst": str(address_of(message.destination_key)),
        "state": "received",
        "created": int(message.arrived_at),
        "deadline": int(message.arrived_at) + 300,
        "msgLen": len(message.payload),
    }
    return json_answer(found)


def _shown(message: Message) -> dict[str, str]:
    """Write an inbound message; a topic that is empty is left out."""
    found = {
        "id": message.id,
        "srcIp": str(address_of(message.source_key)),
        "srcPk": message.source_key.hex(),
        "dstIp": str(address_of(message.destination_key)),
        "dstPk": message.destination_key.hex(),
        "payload": base64.b64encode(message.payload).decode(),
    }
    if message.topic:
        found["topic"] = base64.b64encode(message.topic).decode()
    return found


def control_daemon(overlay: Overlay, request: Request) -> Answer:
    """Answer the tester: put nodes into the network, break it, read what arrived."""
    match request.method, request.segments[1:]:
        case "POST", ("nodes",):
            body = _object(request.body)
            key = body.get("public_key")
            if not isinstance(key, str) or len(key) != 2 * _KEY_BYTES:
                return Answer(_MALFORMED)
            at = _address(str(body["at"])) if "at" in body else None
            return json_answer({"address": str(overlay.add_node(bytes.fromhex(key), at=at))}, 201)
        case "POST", ("switches",):
            body = _object(request.body)
            overlay.is_down = bool(body.get("is_down", overlay.is_down))
            overlay.has_node_ip = bool(body.get("has_node_ip", overlay.has_node_ip))
            overlay.route_seconds = float(body.get("route_seconds", overlay.route_seconds))
            return Answer(204)
        case "GET", ("messages",):
            found = [
                {**_shown(one), "text": one.payload.decode("utf-8", "replace")}
                for one in overlay.delivered()
            ]
            return json_answer(found)
        case "GET", ("",) | ():
            return _page(overlay)
        case _:
            return _NOT_FOUND


def _page(overlay: Overlay) -> Answer:
    """Show what arrived, as plain text."""
    parts = [
        f"To {address_of(one.destination_key)}\n\n{one.payload.decode('utf-8', 'replace')}"
        for one in overlay.delivered()
        if one.payload
    ]
    return text_answer("\n--------\n".join(parts) or "No message arrived yet.\n")


def _address(text: str) -> IPv6Address | None:
    try:
        return IPv6Address(text)
    except ValueError:
        return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _bytes(text: object) -> bytes | None:
    """Read base64 of the standard alphabet with its padding."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None
