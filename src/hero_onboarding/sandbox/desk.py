"""What every control room has: settings, faults, deliveries, the request log and the clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.carrier import Carrier
from hero_onboarding.sandbox.clock import SettableClock
from hero_onboarding.sandbox.errors import BadOrderError, ClockBackwardsError, NothingThereError
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.faults import FaultKind, Switchboard
from hero_onboarding.sandbox.orders import Order, read_order
from hero_onboarding.sandbox.pages import Pages, fields_of, read_page_form, redirect
from hero_onboarding.sandbox.request_log import RequestLog

SHOWN: Final = 50
_REFUSED: Final = 422
_METHODS: Final = ("*", "POST", "GET", "DELETE")
_HIDDEN: Final = frozenset({"body", "is_tampered", "tries"})


class ClockChange(Order, frozen=True):
    """Where the clock is to go: to an instant, or forward by some seconds."""

    now: Annotated[datetime, Meta(tz=True)] | None = None
    advance_seconds: float | None = None


class FaultsChange(Order, frozen=True):
    """What is to go wrong: settings are changed, faults added, after the old ones are cleared."""

    settings: dict[str, object] = msgspec.field(default_factory=dict)
    add: tuple[dict[str, object], ...] = ()
    clear: bool = False


class DeliveryOrder(Order, frozen=True):
    """What the carrier is to do: tell of an event again, let go of what is held, hurry."""

    event: str | None = None
    release: Literal["made", "reversed"] | None = None
    hurry: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """The rooms that all stand-ins share; a bad order is a ``BadOrderError``."""

    switches: Switchboard[Any, Any]
    carrier: Carrier[Any]
    log: RequestLog
    clock: SettableClock

    def show_faults(self, _request: Request) -> Answer:
        """Show the settings and the faults still to come."""
        return json_answer({"settings": self.switches.settings, "faults": self.switches.faults})

    def change_faults(self, request: Request) -> Answer:
        """Change settings and faults, all or nothing."""
        wanted = read_order(request.body, FaultsChange)
        try:
            faults = [msgspec.convert(one, self.switches.fault_type) for one in wanted.add]
            self.switches.change(wanted.settings)
        except msgspec.ValidationError as problem:
            raise BadOrderError(str(problem)) from problem
        if wanted.clear:
            self.switches.clear()
        for fault in faults:
            self.switches.add(fault)
        return self.show_faults(request)

    def clear_faults(self, request: Request) -> Answer:
        """Let nothing go wrong any more and put every setting back."""
        self.switches.reset()
        return self.show_faults(request)

    def show_requests(self, request: Request) -> Answer:
        """Show the calls that were made, by ``method`` and ``path_prefix``, and how many."""
        method = request.query.get("method", "*")
        entries = self.log.list_entries(method, request.query.get("path_prefix", "/"))
        return json_answer({"total": self.log.total, "count": len(entries), "requests": entries})

    def reset_requests(self, _request: Request) -> Answer:
        """Forget the calls that were made."""
        self.log.reset()
        return Answer(204)

    def show_deliveries(self, _request: Request) -> Answer:
        """Show what endpoints were told, what they answered, and what is still to come."""
        shown = [
            {
                name: value
                for name, value in msgspec.structs.asdict(one).items()
                if name not in _HIDDEN
            }
            for one in self.carrier.list_deliveries()
        ]
        return json_answer({"deliveries": shown})

    def change_deliveries(self, request: Request, **right: object) -> Answer:
        """Tell of an event once more, let go of what is held, or try at once what waits.

        ``right`` is what makes a delivery that is told again a right one.
        """
        wanted = read_order(request.body, DeliveryOrder)
        count = 0
        if wanted.event is not None:
            count += self.carrier.repeat(wanted.event, **right)
            if count == 0:
                raise NothingThereError(f"no endpoint was to be told of an event {wanted.event!r}")
        if wanted.release is not None:
            count += self.carrier.release(wanted.release)
        if wanted.hurry:
            count += self.carrier.hurry()
        return json_answer({"count": count})

    def show_clock(self, _request: Request) -> Answer:
        """Show the test clock."""
        now = self.clock.now().replace(microsecond=0)
        return json_answer({"now": now.isoformat().replace("+00:00", "Z")})

    def set_clock(self, request: Request) -> Answer:
        """Move the test clock forward."""
        wanted = read_order(request.body, ClockChange)
        try:
            if wanted.now is not None:
                self.clock.set_to(wanted.now)
            if wanted.advance_seconds is not None:
                self.clock.advance(wanted.advance_seconds)
        except ClockBackwardsError as problem:
            raise BadOrderError(str(problem)) from problem
        self.carrier.wake()
        return self.show_clock(request)

    def submit_settings(self, request: Request) -> Answer:
        """Change every setting at once, from the page."""
        try:
            self.switches.change(dict(read_page_form(request)), is_text=True)
        except msgspec.ValidationError as wrong:
            raise BadOrderError(str(wrong)) from wrong
        return redirect("/sandbox")

    def submit_fault(self, request: Request) -> Answer:
        """Let one more thing go wrong, from the page."""
        form = {name: value for name, value in read_page_form(request).items() if value != ""}
        try:
            self.switches.add(msgspec.convert(form, self.switches.fault_type, strict=False))
        except msgspec.ValidationError as wrong:
            raise BadOrderError(str(wrong)) from wrong
        return redirect("/sandbox")

    def submit_reset(self, _request: Request) -> Answer:
        """Put everything right, from the page."""
        self.switches.reset()
        return redirect("/sandbox")

    def render(self, pages: Pages, problem: str, **values: object) -> Answer:
        """Show the page of the room, and what was wrong with the last form."""
        return pages.render(
            "control.html",
            _REFUSED if problem else 200,
            (),
            problem=problem,
            now=self.clock.now().isoformat(timespec="seconds"),
            fields=fields_of(self.switches.settings),
            kinds=get_args(FaultKind),
            methods=_METHODS,
            faults=self.switches.faults,
            deliveries=self.carrier.list_deliveries()[: -SHOWN - 1 : -1],
            total=self.log.total,
            requests=self.log.list_entries()[: -SHOWN - 1 : -1],
            **values,
        )
