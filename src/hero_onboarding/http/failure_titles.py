"""What people are told about each failure that HTTP can answer, by its code."""

from typing import Final

from hero_onboarding.languages import marked

_REFUSED: Final = "request.refused"
_FAULT: Final = "internal"
_FAULTS_FROM: Final = 500

TITLES: Final = {
    "request.malformed": marked("What was sent could not be read"),
    "request.unauthenticated": marked("You are not signed in, or the secret or key is wrong"),
    "request.key_needed": marked("This needs an API key"),
    "request.scope_needed": marked("This API key does not open this"),
    "request.key_bound": marked("This API key is for another node or user"),
    "request.forbidden": marked("This is not allowed"),
    "request.cross_site": marked("This was not sent from here"),
    "request.not_found": marked("There is nothing at this address"),
    "request.method": marked("This address can't be used like that"),
    "request.too_large": marked("Too much was sent at once"),
    "request.media_type": marked("What was sent has a type that is not taken here"),
    "request.not_loopback": marked("The sandbox answers only on its own machine"),
    "request.too_many": marked("Too many requests came at once: wait a little"),
    _REFUSED: marked("This was refused"),
    _FAULT: marked("Something here failed"),
    "usage.wrong_record": marked("A field of this usage record is wrong"),
    "usage.key_conflict": marked(
        "This record was sent before with other content: the first one counts"
    ),
    "usage.bucket_full": marked("The file of this hour is full"),
    "usage.batch_too_large": marked("There are too many records in this batch"),
    "usage.busy": marked("Too many records are waiting: send it again in a moment"),
    "usage.wrong_right": marked("This right to charge can't exist"),
    "usage.right_not_found": marked("There is no such right to charge"),
    "identity.sid_taken": marked("This user exists already, with another name"),
    "identity.wrong_sid": marked("A user can't be called that"),
    "identity.wrong_name": marked("This name is too long or can't be printed"),
    "identity.wrong_profile": marked("A profile can't be kept like this"),
    "identity.wrong_address": marked("This is no mycelium address"),
    "identity.wrong_key": marked("This is no mycelium key"),
    "sign_in.not_proved": marked("This sign-in is no longer valid"),
    "sign_in.wrong_claim": marked("This key has another address"),
    "sign_in.wrong_purpose": marked("This proof was made for something else"),
    "sign_in.crowded": marked("Too many sign-ins are waiting: try again in a moment"),
    "pricing.wrong_price": marked("This price can't be charged"),
    "sign_in.session_limited": marked("This session may only look and pay"),
    "sign_in.address_taken": marked("This address belongs to an account already"),
    "passkeys.wrong_label": marked("A passkey's name is missing, too long, or can't be printed"),
    "passkeys.too_many": marked("This account has as many passkeys as it may"),
    "passkeys.crowded": marked("Too many passkeys are being asked for: try again in a moment"),
    "wallet.not_found": marked("There is no such user"),
    "wallet.balance_too_low": marked("The balance is too low for this"),
    "wallet.limit": marked("The balance would be too large to be counted"),
    "wallet.wrong_amount": marked("This amount can't be moved"),
    "wallet.wrong_text": marked("A text is missing, too long, or can't be printed"),
    "wallet.wrong_grant_time": marked("Credit can't be given for this time"),
    "wallet.hold_not_found": marked("There is no such hold"),
    "wallet.hold_key_reused": marked(
        "This hold was asked for before with other content: the first one counts"
    ),
    "exchange.wrong_rate": marked("This rate can't be"),
    "exchange.no_rate": marked("There is no present rate for this currency"),
    "payments.not_found": marked("There is no such top-up"),
    "payments.key_reused": marked(
        "This top-up was asked for before with other content: the first one counts"
    ),
    "payments.wrong_top_up": marked("This can't be paid in"),
    "wallet.debt_too_low": marked("This is more than what is owed"),
    "payments.wrong_refund": marked("This can't be given back"),
    "payments.refund_key_reused": marked(
        "This refund was asked for before with another amount: the first one counts"
    ),
    "payments.not_refundable": marked("Nothing of this top-up can be given back"),
    "payments.refund_too_large": marked("This is more than what is left of the payment"),
    "payments.off": marked("This site takes no payments this way"),
    "payments.wrong_automatic": marked("Automatic top-ups can't be set like this"),
    "payments.wrong_alert": marked("Nobody can be told at this amount"),
    "payments.wrong_interval": marked("This time can't be looked at"),
    "payments.card_not_found": marked("There is no such saved card"),
    "payments.notice_forged": marked("This notice is not authentic"),
    "payments.notice_malformed": marked("This notice can't be read"),
    "payments.inbox_busy": marked("Too much at once"),
    "payments.unavailable": marked("The payment provider can't be reached now"),
    "payments.answer": marked("The payment provider gave an answer that makes no sense"),
    "api_keys.wrong": marked("An API key can't be made like this"),
    "api_keys.not_found": marked("There is no such API key"),
    "api_keys.too_many": marked("This account has as many API keys as it may"),
    "api_keys.user_not_found": marked("There is no such user for an API key"),
    "openid.wrong_client": marked("A service can't be registered like this"),
    "openid.client_not_found": marked("There is no such service"),
    "openid.wrong_request": marked("This request to sign in is not right"),
    "openid.salt_lost": marked("Signing in to other services does not work now"),
    "mail.wrong_address": marked("This is no e-mail address that we can send to"),
    "mail.off": marked("This site sends no mail"),
    "contacts.already_verified": marked("This e-mail address is yours already"),
    "ledger.key_reused": marked("This was sent before with other content: the first one counts"),
    "ledger.unknown_account": marked("There is no such account"),
    "paging.cursor": marked("There is no such page of this list"),
    "aggregation.busy": marked("This is being read already: try again in a moment"),
    "forge.unavailable": marked("The git forge can't be reached now"),
    "forge.refused": marked("The git forge refused this"),
    "forge.answer": marked("The git forge gave an answer that makes no sense"),
    "database.unavailable": marked("The database can't be reached now"),
    "database.unusable": marked("The database is damaged"),
    "database.clock_backwards": marked("The clock can't be set back"),
}


def title_of(code: str, status: int) -> str:
    """Return the sentence of a code, in English; one that is said elsewhere only has none."""
    return TITLES.get(code) or TITLES[_FAULT if status >= _FAULTS_FROM else _REFUSED]
