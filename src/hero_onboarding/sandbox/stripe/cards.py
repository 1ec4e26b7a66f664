"""The well-known test cards, and what each of them does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Authentication = Literal["never", "unless-set-up", "always"]


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a card is not charged."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """One test card.

    Attributes:
        decline: Why it is never charged; None charges it.
        is_attachable: Whether it can be saved although it declines.
        authentication: When its holder has to confirm a payment.
        dispute: Reason of the dispute that follows a payment; empty for none.
        is_inquiry: Whether that dispute moves no money.
        is_warned: Whether an early fraud warning follows a payment.
        refunds: What becomes of its refunds.
        is_available_at_once: Whether its payments skip the days of pending.
    """

    number: str
    brand: str = "visa"
    country: str = "US"
    decline: Decline | None = None
    is_attachable: bool = False
    authentication: Authentication = "never"
    dispute: str = ""
    is_inquiry: bool = False
    is_warned: bool = False
    refunds: Literal["succeeded", "pending", "failed"] = "succeeded"
    is_available_at_once: bool = False


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card behind a payment method, and whether its holder agreed to later payments."""

    card: Card
    is_set_up: bool = False

    def set_up(self) -> "HeldCard":
        """Note that its holder agreed."""
        return replace(self, is_set_up=True)

    def needs_authentication(self) -> bool:
        """Say whether its holder has to confirm the next payment."""
        rule = self.card.authentication
        return rule == "always" or (rule == "unless-set-up" and not self.is_set_up)


def _declined(reason: str, message: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", reason, message)


GENERIC: Final = _declined("generic_decline")
SHORT_OF_FUNDS: Final = _declined("insufficient_funds", "Your card has insufficient funds.")
AUTHENTICATION_REQUIRED: Final = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
AUTHENTICATION_FAILED: Final = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data"
    " or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
)
WRONG_NUMBER: Final = Decline("incorrect_number", None, "Your card number is incorrect.")

_CARDS: Final = (
    Card("4242424242424242"),
    Card("4000056655665556"),
    Card("5555555555554444", brand="mastercard"),
    Card("378282246310005", brand="amex"),
    Card("6011111111111117", brand="discover"),
    Card("4000000000000077", is_available_at_once=True),
    Card("4000000000000002", decline=GENERIC),
    Card("4000000000009995", decline=SHORT_OF_FUNDS),
    Card("4000000000009987", decline=_declined("lost_card")),
    Card("4000000000009979", decline=_declined("stolen_card")),
    Card("4000000000006975", decline=_declined("card_velocity_exceeded")),
    Card("4100000000000019", decline=_declined("fraudulent")),
    Card("4000000000000069", decline=Decline("expired_card", None, "Your card has expired.")),
    Card(
        "4000000000000127",
        decline=Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    ),
    Card(
        "4000000000000119",
        decline=Decline(
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    Card("4242424242424241", decline=WRONG_NUMBER),
    Card("4000000000000341", decline=GENERIC, is_attachable=True),
    Card("4000002500003155", authentication="unless-set-up"),
    Card("4000002760003184", authentication="always"),
    Card("4000000000003220", authentication="always"),
    Card("4000008400001629", authentication="always", decline=GENERIC),
    Card("4000008260003178", authentication="always", decline=SHORT_OF_FUNDS, is_attachable=True),
    Card("4000000000000259", dispute="fraudulent"),
    Card("4000000000002685", dispute="product_not_received"),
    Card("4000000000001976", dispute="fraudulent", is_inquiry=True),
    Card("4000000000005423", is_warned=True),
    Card("4000000000007726", refunds="pending"),
    Card("4000000000005126", refunds="failed"),
)
CARDS: Final[Mapping[str, Card]] = {card.number: card for card in _CARDS}

TOKENS: Final[Mapping[str, str]] = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_createDisputeInquiry": "4000000000001976",
    "pm_card_refundPending": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


def find_card(typed: str) -> Card | None:
    """Find a test card by the digits that somebody typed, blanks and hyphens left aside."""
    return CARDS.get(typed.replace(" ", "").replace("-", ""))
