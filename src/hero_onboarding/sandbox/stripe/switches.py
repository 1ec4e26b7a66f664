"""What the stand-in is told to do wrong, for good or for the next few requests."""

from typing import Annotated, Literal

from msgspec import Meta

from hero_onboarding.sandbox import faults
from hero_onboarding.sandbox.faults import Conduct, Positive, Seconds, Switchboard
from hero_onboarding.sandbox.stripe.signing import SignatureSwitch


class Fault(faults.Fault, frozen=True, kw_only=True):
    """One thing that goes wrong; a ``delay`` waits while the request's key is taken.

    Attributes:
        should_retry: Sent as ``Stripe-Should-Retry`` with the status of an answer.
        is_kept: Whether ``answer-after`` is what the request's key gives from now on.
    """

    should_retry: bool | None = None
    is_kept: bool = False


class Settings(Conduct, frozen=True, kw_only=True):
    """How the stand-in is set up until somebody changes it.

    Attributes:
        api_version: Version of events and of calls that name none.
        is_livemode: What ``livemode`` says of new objects.
        tzs_per_usd: The rate at which shillings are settled.
        dispute_fee: US cents for each dispute that moves money.
        balance_transactions: ``later`` leaves them out of new charges until they are asked for.
        refunds: What becomes of new refunds; ``failed`` ones succeed first.
        has_event_twins: Whether each change makes two events, with ids of their own.
        webhook_order: In which order the events of one change are told.
        webhook_signature: Whether deliveries are signed right, and if not, how.
        webhook_body: ``wrong-amount`` is signed right, ``tampered`` was changed after signing.
        webhook_tries: How often one delivery is tried in all.
        checkout_wait_seconds: How long the page waits for its notice before it sends people back.
    """

    api_version: str = "2026-10-28.endive"
    is_livemode: bool = False
    tzs_per_usd: Positive = 2500
    dispute_fee: Annotated[int, Meta(ge=0)] = 1500
    balance_transactions: Literal["at-once", "later"] = "at-once"
    refunds: Literal["succeeded", "pending", "failed"] = "succeeded"
    has_event_twins: bool = False
    webhook_order: Literal["made", "reversed"] = "made"
    webhook_signature: SignatureSwitch = "right"
    webhook_body: Literal["right", "wrong-amount", "tampered"] = "right"
    webhook_tries: Annotated[int, Meta(ge=1, le=3)] = 3
    checkout_wait_seconds: Seconds = 10


Switches = Switchboard[Settings, Fault]
