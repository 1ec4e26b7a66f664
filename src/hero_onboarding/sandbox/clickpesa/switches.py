"""How the stand-in is set up, and what it is told to do wrong."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from hero_onboarding.sandbox.clickpesa.checksum import Reading
from hero_onboarding.sandbox.faults import Conduct, Fault, Switchboard

Count = Annotated[int, Meta(ge=0)]
Operator = Literal["available", "unavailable", "absent"]
Checksum = Literal["body", "signature-header", "checksum-header", "data-only", "bad", "missing"]
Label = Literal["canonical", "legacy", "HMAC-SHA256", "none"]

DAY_SECONDS: Final = 24 * 3600


class Settings(Conduct, frozen=True, kw_only=True):
    """How the stand-in is set up until somebody changes it.

    Attributes:
        credentials: What the token endpoint thinks of the right ones.
        has_token_prefix: Whether a token is given with ``Bearer `` before it.
        has_token_claims: Whether it is a JWT, whose expiry a client can read.
        token_seconds: How long one lives, by the settable clock.
        is_checksum_on: Whether bodies must carry one, and notices do; a change ends all tokens.
        checksum_reading: Whose spelling of JSON is summed.
        requests_per_minute: How many calls of a minute are answered; 0 answers all.
        throttle_status: How the others are answered.
        throttle_retry_after_seconds: Sent as ``Retry-After`` with that status; 0 sends none.
        is_kyc_approved: Without it there are 100 calls a day, 100,000 TZS in all, and no card.
        has_collection: Whether the application may collect by push and card.
        has_checkout: Whether it may make checkout links.
        has_billpay: Whether it may make control numbers.
        m_pesa: Whether the operator can be pushed to; with all ``absent`` there is no method.
        tigo_pesa: The same.
        airtel_money: The same.
        prompt_seconds: How long a phone asks before the payment fails; 0 asks for ever.
        settle_seconds: From SUCCESS to SETTLED; 0 leaves that to the control room.
        hidden_seconds: How long a new payment is not found by queries.
        query_amounts: How amounts are spelled in queries.
        query_limit_max: Most payments of one page, whatever was asked.
        query_zone: Whose days the dates of queries and statements name.
        usd_to_tzs: The rate from dollars to shillings.
        tzs_to_usd: The rate back, which is no reciprocal.
        webhook_shape: Which members ``data`` has.
        webhook_event_member: What the event's name is called.
        webhook_checksum: Where the checksum is, or what is wrong with it.
        webhook_checksum_method: What the body calls the method; ``legacy`` is summed that way too.
        webhook_body: ``wrong-amount`` is summed right, ``net`` is less the fee and not below 0,
            ``tampered`` was changed after it was summed.
        webhook_tries: How often one delivery is tried in all.
    """

    credentials: Literal["right", "expired", "invalid", "unauthorised"] = "right"
    has_token_prefix: bool = True
    has_token_claims: bool = True
    token_seconds: Annotated[int, Meta(ge=1)] = 3600
    is_checksum_on: bool = True
    checksum_reading: Reading = "javascript"
    requests_per_minute: Count = 120
    throttle_status: Annotated[int, Meta(ge=400, le=499)] = 429
    throttle_retry_after_seconds: Count = 0
    is_kyc_approved: bool = True
    has_collection: bool = True
    has_checkout: bool = True
    has_billpay: bool = True
    m_pesa: Operator = "available"
    tigo_pesa: Operator = "available"
    airtel_money: Operator = "available"
    prompt_seconds: Count = 300
    settle_seconds: Count = DAY_SECONDS
    hidden_seconds: Count = 0
    query_amounts: Literal["number", "string"] = "number"
    query_limit_max: Annotated[int, Meta(ge=1)] = 100
    query_zone: Literal["utc", "eat"] = "eat"
    usd_to_tzs: Annotated[float, Meta(gt=0)] = 2510
    tzs_to_usd: Annotated[float, Meta(gt=0)] = 0.00037736
    webhook_shape: Literal["new", "older"] = "new"
    webhook_event_member: Literal["event", "eventType"] = "event"
    webhook_checksum: Checksum = "body"
    webhook_checksum_method: Label = "canonical"
    webhook_body: Literal["right", "wrong-amount", "net", "tampered"] = "right"
    webhook_tries: Annotated[int, Meta(ge=1, le=3)] = 1


Switches = Switchboard[Settings, Fault]
