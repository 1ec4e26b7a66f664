"""What operators read about reasons, incidents and equations."""

from dataclasses import dataclass
from typing import Final

from hero_onboarding.aggregation import Reason
from hero_onboarding.incidents import IncidentKind
from hero_onboarding.languages import marked

REASONS: Final = {
    Reason.UNKNOWN_USER: marked("The user is not known here"),
    Reason.NO_RIGHT: marked("The node may not charge this user"),
    Reason.OVER_CAP: marked("The node's cap for this user and hour is used up"),
    Reason.IN_FUTURE: marked("It lies in the future"),
    Reason.WRONG_FIELD: marked("A field is wrong"),
    Reason.WRONG_NODE: marked("It names another node than its path"),
    Reason.WRONG_HOUR: marked("It lies in another hour than its file"),
    Reason.FILE_REFUSED: marked("The whole file can't be read"),
    Reason.TOO_MANY_REFUSED: marked("More of the same file; counted, not listed"),
}

REMEDIES: Final = {
    Reason.UNKNOWN_USER: marked("Waits until the user exists."),
    Reason.NO_RIGHT: marked("Waits until somebody gives the right."),
    Reason.OVER_CAP: marked("Waits until the cap is raised."),
    Reason.IN_FUTURE: marked("Waits until then."),
    Reason.WRONG_FIELD: marked("Refused for good; the node records it again under a new key."),
    Reason.WRONG_NODE: marked("Refused for good; the record is moved to its own node's folder."),
    Reason.WRONG_HOUR: marked("Refused for good; the record is moved to its own hour's file."),
    Reason.FILE_REFUSED: marked("Refused until the file changes; the node pushes it again."),
    Reason.TOO_MANY_REFUSED: marked("Refused for good; repair the node that writes them."),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A kind of incident in words: what happened, what it means, what to do."""

    what: str
    meaning: str
    remedy: str


INCIDENTS: Final = {
    IncidentKind.KEY_CONFLICT: Explained(
        marked("One key, two contents: the first counts"),
        marked(
            "A node sent two records under one key. The first was kept and charged, the other"
            " was not."
        ),
        marked("Find out which is right. If it is the refused one, make an adjustment."),
    ),
    IncidentKind.RECORD_VANISHED: Explained(
        marked("A record that was charged is gone from its file"),
        marked("Somebody rewrote the file. What was charged stays charged."),
        marked(
            "Ask who did it. The old file is in the repository's history, by the id in the"
            " evidence."
        ),
    ),
    IncidentKind.FILE_VANISHED: Explained(
        marked("A file that was read is gone"),
        marked("What was charged from it stays charged."),
        marked(
            "Ask who removed it. If it comes back it is read again, and nothing is charged twice."
        ),
    ),
    IncidentKind.HISTORY_REWRITTEN: Explained(
        marked("The repository's history was rewritten"),
        marked(
            "The branch does not continue what was read before. What was charged stays charged."
        ),
        marked("Compare the two commits in the evidence, and ask who pushed the new one."),
    ),
    IncidentKind.BRANCH_MISSING: Explained(
        marked("The branch is missing"),
        marked("Nothing is read from this repository until it is back."),
        marked("Restore the branch at the commit in the evidence."),
    ),
    IncidentKind.FILE_REPLACED: Explained(
        marked("A faulty file was replaced; its bytes are kept beside it"),
        marked("A push could not use the file whole, so it wrote a good one from what it knows."),
        marked("Look into the kept file, and repair what wrote it."),
    ),
    IncidentKind.BUCKET_FAILED: Explained(
        marked("An hour's file could not be pushed"),
        marked(
            "It is over its limit, or its bytes are not what their id says. Its records wait here."
        ),
        marked("Repair the file on the forge; the next push tries again."),
    ),
    IncidentKind.UNEXPECTED_FILE: Explained(
        marked("A file lies where none should be"),
        marked("It is not read, and nothing is charged from it."),
        marked("Remove it from the repository."),
    ),
    IncidentKind.FORGE_REFUSED: Explained(
        marked("The forge refused a push"),
        marked("The forge does not let this server write. Everything waits, and nothing is lost."),
        marked(
            "See to the token, its permission, and that the repository is neither archived nor"
            " full."
        ),
    ),
    IncidentKind.BOOKS_WRONG: Explained(
        marked("The books do not balance"),
        marked("Two sums that must be equal differ, so some balance is wrong."),
        marked(
            "Compare both sums in the evidence, and find the rows that differ before anything else."
        ),
    ),
    IncidentKind.WALLET_LIMIT: Explained(
        marked("A charge is too large to be counted"),
        marked(
            "It would take the user's balance beyond what can be counted. All others were charged."
        ),
        marked("Find out which node wrote it. The charge waits meanwhile."),
    ),
    IncidentKind.ADDRESS_COLLISION: Explained(
        marked("A second key has a known address"),
        marked(
            "It was refused: another key proved this address before. By chance it never happens."
        ),
        marked("Look for a fault of ours or a changed database; ask the user whose address it is."),
    ),
    IncidentKind.MESSAGE_REFUSED: Explained(
        marked("The network names a wrong key for an address"),
        marked("A sign-in code was asked for there. Nothing was sent."),
        marked("Tell the owner of the address, and find out which node has the key's address."),
    ),
    IncidentKind.MAIL_GIVEN_UP: Explained(
        marked("A mail could not be sent and was given up"),
        marked(
            "Whoever waits for it can ask for another one. Mails that fail alike are counted here."
        ),
        marked("See to the mail server and its settings: the evidence says what it answered."),
    ),
    IncidentKind.PAYMENT_MISMATCH: Explained(
        marked("A payment is not what was asked for"),
        marked("Nobody was credited. Money that came in waits in suspense."),
        marked(
            "Compare the evidence with the provider's own page; then give it back there, or adjust"
            " the wallet."
        ),
    ),
    IncidentKind.PAYMENT_TAKEN_BACK: Explained(
        marked("A payment was given back at the provider"),
        marked("The user owes what was given back."),
        marked("Look at the provider's page, and ask who gave it back."),
    ),
    IncidentKind.PAYMENT_DISPUTED: Explained(
        marked("A payer's bank asks for a payment back"),
        marked(
            "So much can't be spent from the wallet. If the bank takes the money, the user owes it."
        ),
        marked(
            "Answer the dispute on the provider's page in time. If it is lost for good, write"
            " the debt off or collect it."
        ),
    ),
    IncidentKind.RECONCILIATION: Explained(
        marked("A provider's records and the books differ"),
        marked("Nothing was credited or charged for it. The evidence has both sides."),
        marked("Look for it at the provider, then repair what is wrong and reconcile again."),
    ),
    IncidentKind.NOTICE_UNMATCHED: Explained(
        marked("A provider tells of a payment that nobody here asked for"),
        marked("Nobody was asked about it, and nothing was credited."),
        marked(
            "Look for the ids in the evidence at the provider: another site may use the same"
            " account."
        ),
    ),
    IncidentKind.AUTOMATIC_TOP_UPS: Explained(
        marked("A user is topped up again and again by their card"),
        marked("Three automatic top-ups came within ten minutes. The caps of the user still hold."),
        marked("Look at what the user is charged for, and ask the user whether it is meant."),
    ),
}

EQUATIONS: Final = (
    marked("balances equal the sums of entries"),
    marked("accepted records equal totals"),
    marked("totals equal deltas"),
    marked("totals equal charges and open deltas"),
    marked("wallets equal the fold of facts"),
    marked("debts equal the fold of facts"),
    marked("held equals open holds"),
    marked("grants equal what was used, expired and is left"),
    marked("clearing equals payments that came in"),
    marked("refunds equal those on their way"),
    marked("every asset sums to zero"),
)
"""The names that the books give to what they check; operators read them translated."""
