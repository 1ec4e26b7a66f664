"""Webhooks of a repository."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.exchange import Answer, json_answer
from hero_onboarding.sandbox.forge.accounts import Hook
from hero_onboarding.sandbox.forge.bodies import read_json
from hero_onboarding.sandbox.forge.context import Call
from hero_onboarding.sandbox.forge.failures import invalid
from hero_onboarding.sandbox.forge.paging import paging_headers, read_paging
from hero_onboarding.sandbox.forge.wire import hook_json
from hero_onboarding.sandbox.loopback import is_loopback_name


class HookAddress(msgspec.Struct, frozen=True):
    """Where a hook is told, and how."""

    url: str
    content_type: Literal["json", "form"]
    secret: str = ""


class NewHook(msgspec.Struct, frozen=True):
    """A hook that is asked for."""

    type: Literal["forgejo", "gitea"]
    config: HookAddress
    events: Annotated[list[str], Meta(max_length=100)] = []
    branch_filter: str = "*"
    active: bool = False
    authorization_header: str = ""


def list_page(call: Call) -> Answer:
    """``GET .../hooks``."""
    hooks = call.repository("admin").record.hooks
    paging = read_paging(call)
    shown = [hook_json(hook) for hook in paging.cut(hooks)]
    return json_answer(shown, headers=paging_headers(call, paging, len(hooks)))


def create(call: Call) -> Answer:
    """``POST .../hooks``: only addresses on this machine are taken."""
    record = call.repository("admin").record
    wanted = read_json(call.request, NewHook)
    address = urlsplit(wanted.config.url)
    if address.scheme not in {"http", "https"}:
        raise invalid("Invalid url")
    if not is_loopback_name(address.hostname or ""):
        raise invalid("the sandbox tells hooks on this machine only")
    hook = Hook(
        id=0,
        type=wanted.type,
        url=wanted.config.url,
        content_type=wanted.config.content_type,
        secret=wanted.config.secret,
        events=tuple(wanted.events) or ("push",),
        branch_filter=wanted.branch_filter,
        active=wanted.active,
        authorization_header=wanted.authorization_header,
        created_at=call.forge.clock.now(),
    )
    return json_answer(hook_json(call.forge.registry.add_hook(record.full_name, hook)), 201)
