"""The product's ClickPesa and the stand-in on its other side."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from hero_onboarding.kernel.clock import SystemClock
from hero_onboarding.kernel.overriding import override
from hero_onboarding.outbound import Limits
from hero_onboarding.payments import Delivery
from hero_onboarding.payments.ports import CheckoutOrder
from hero_onboarding.payments.providers.clickpesa import ClickPesaProvider, ClickPesaSettings
from hero_onboarding.payments.reconciling import ReconcilingProvider
from hero_onboarding.sandbox.clickpesa import SandboxClickPesa
from tests.contracts.payment_provider import Habits, an_order
from tests.fakes.clock import FakeClock

PHONE = "255712345678"
ENDPOINT = "http://127.0.0.1:9/webhooks/clickpesa"
"""Nobody listens there: tests take notices before they are sent."""

QUICK = Limits(connect_seconds=5, overall_seconds=5)


@dataclass
class ClickPesaPeer:
    """Keeps the contract's other side for one way to pay: it pays, lets expire, and notifies."""

    sandbox: SandboxClickPesa
    method: str = "push"
    clock: FakeClock = field(default_factory=lambda: FakeClock(SystemClock().now()))

    def __post_init__(self) -> None:
        self.provider = self.connect()
        self.sandbox.switches.change({"webhooks": "held"})
        self.sandbox.act("endpoints", url=ENDPOINT)

    @property
    def habits(self) -> Habits:
        is_push = self.method == "push"
        return Habits(
            has_page=not is_push,
            repeats_answers=is_push,
            knows_unpaid=False,
            searches_unpaid=is_push,
        )

    def connect(self, limits: Limits = QUICK, **changes: object) -> ClickPesaProvider:
        held = self.sandbox.credentials
        fields: dict[str, object] = {
            "client_id": held.client_id,
            "api_key": held.api_key,
            "checksum_key": held.checksum_key,
            "base_url": self.sandbox.api_url,
            "is_live": False,
            **changes,
        }
        return ClickPesaProvider(ClickPesaSettings(**fields), self.clock, limits)  # type: ignore[arg-type]  # as named

    def an_order(self, **changes: object) -> CheckoutOrder:
        fields = {
            "push": {"amount": 500_000, "currency": "TZS", "phone": PHONE},
            "checkout": {"amount": 500_000, "currency": "TZS"},
            "control_number": {"amount": 500_000, "currency": "TZS"},
            "link": {"amount": 2_550, "currency": "USD"},
        }
        return an_order(**{"method": self.method, **fields[self.method], **changes})

    def pay(self, reference: str) -> None:
        if self.method == "push":
            self.sandbox.act("prompts", payment=reference, answer="approve")
        else:
            self.sandbox.act("links", link=reference, answer="pay")

    def expire(self, reference: str) -> None:
        if self.method == "push":
            self.sandbox.act("prompts", payment=reference, answer="lapse")
        self.clock.advance(hours=24)

    def notices(self) -> list[Delivery]:
        made = self.sandbox.postman.list_deliveries()
        return [
            Delivery(
                {name.lower(): text for name, text in one.headers.items()},
                one.body,
                self.clock.now(),
            )
            for one in made
        ]

    def notice_of(self, reference: str) -> Delivery:
        return [one for one in self.notices() if reference.encode() in one.body][-1]

    def forgeries_of(self, delivery: Delivery) -> Sequence[Delivery]:
        envelope = json.loads(delivery.body)
        bare = {name: envelope[name] for name in ("event", "data")}
        other = {**envelope, "data": {**envelope["data"], "collectedAmount": "9999999"}}
        bodies = (bare, other, {**envelope, "checksum": "0" * 64})
        return [Delivery({}, json.dumps(body).encode(), self.clock.now()) for body in bodies]

    def take_away(self) -> None:
        self.sandbox.switches.change({"outage": "closed"})

    def asked(self) -> list[str]:
        """List the calls that were made, the last part of each path alone."""
        return [
            f"{one.method} {one.path.split('/')[-1]}" for one in self.sandbox.log.list_entries()
        ]


class SettlingPeer(ClickPesaPeer):
    """What is paid is settled at once, and staff and bank move money by themselves."""

    @property
    def reconciling(self) -> ReconcilingProvider:
        return self.provider

    @override
    def pay(self, reference: str) -> None:
        super().pay(reference)
        self.become(reference, "SETTLED")

    def become(self, payment: str, status: str) -> None:
        """Bring a payment into a status, named by its id or order; nobody tells of it."""
        self.sandbox.act("payments", payment=payment, status=status, is_told=False)

    def give_back(self, payment_id: str, amount: int) -> None:
        assert amount > 0
        self.become(payment_id, "REVERSED")

    def take_fee(self, amount: int) -> None:
        self.enter("Debit", "Fee - Withdraw", amount)

    def pay_out(self) -> None:
        self.enter("Debit", "Withdraw", self.provider.fetch_balances()["TZS"])

    def enter(self, entry: str, kind: str, amount: int, **more: str) -> str:
        """Write a line into the statement; return its id."""
        whole, hundredths = divmod(amount, 100)
        spelled = f"{whole}.{hundredths:02}"
        return str(self.sandbox.act("lines", entry=entry, type=kind, amount=spelled, **more)["id"])
