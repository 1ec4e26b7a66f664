"""What operators read about reasons, incidents and equations."""

from dataclasses import dataclass
from typing import Final

from hero_onboarding.aggregation import Reason
from hero_onboarding.incidents import IncidentKind

REASONS: Final = {
    Reason.UNKNOWN_USER: "The user is not known here",
    Reason.NO_RIGHT: "The node may not charge this user",
    Reason.OVER_CAP: "The node's cap for this user and hour is used up",
    Reason.IN_FUTURE: "It lies in the future",
    Reason.WRONG_FIELD: "A field is wrong",
    Reason.WRONG_NODE: "It names another node than its path",
    Reason.WRONG_HOUR: "It lies in another hour than its file",
    Reason.FILE_REFUSED: "The whole file can't be read",
    Reason.TOO_MANY_REFUSED: "More of the same file; counted, not listed",
}

REMEDIES: Final = {
    Reason.UNKNOWN_USER: "Waits until the user exists.",
    Reason.NO_RIGHT: "Waits until somebody gives the right.",
    Reason.OVER_CAP: "Waits until the cap is raised.",
    Reason.IN_FUTURE: "Waits until then.",
    Reason.WRONG_FIELD: "Refused for good; the node records it again under a new key.",
    Reason.WRONG_NODE: "Refused for good; the record is moved to its own node's folder.",
    Reason.WRONG_HOUR: "Refused for good; the record is moved to its own hour's file.",
    Reason.FILE_REFUSED: "Refused until the file changes; the node pushes it again.",
    Reason.TOO_MANY_REFUSED: "Refused for good; repair the node that writes them.",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A kind of incident in words: what happened, what it means, what to do."""

    what: str
    meaning: str
    remedy: str


INCIDENTS: Final = {
    IncidentKind.KEY_CONFLICT: Explained(
        "One key, two contents: the first counts",
        "A node sent two records under one key. The first was kept and charged, the other was not.",
        "Find out which is right. If it is the refused one, make an adjustment.",
    ),
    IncidentKind.RECORD_VANISHED: Explained(
        "A record that was charged is gone from its file",
        "Somebody rewrote the file. What was charged stays charged.",
        "Ask who did it. The old file is in the repository's history, by the id in the evidence.",
    ),
    IncidentKind.FILE_VANISHED: Explained(
        "A file that was read is gone",
        "What was charged from it stays charged.",
        "Ask who removed it. If it comes back it is read again, and nothing is charged twice.",
    ),
    IncidentKind.HISTORY_REWRITTEN: Explained(
        "The repository's history was rewritten",
        "The branch does not continue what was read before. What was charged stays charged.",
        "Compare the two commits in the evidence, and ask who pushed the new one.",
    ),
    IncidentKind.BRANCH_MISSING: Explained(
        "The branch is missing",
        "Nothing is read from this repository until it is back.",
        "Restore the branch at the commit in the evidence.",
    ),
    IncidentKind.FILE_REPLACED: Explained(
        "A faulty file was replaced; its bytes are kept beside it",
        "A push could not use the file whole, so it wrote a good one from what it knows.",
        "Look into the kept file, and repair what wrote it.",
    ),
    IncidentKind.BUCKET_FAILED: Explained(
        "An hour's file could not be pushed",
        "It is over its limit, or its bytes are not what their id says. Its records wait here.",
        "Repair the file on the forge; the next push tries again.",
    ),
    IncidentKind.UNEXPECTED_FILE: Explained(
        "A file lies where none should be",
        "It is not read, and nothing is charged from it.",
        "Remove it from the repository.",
    ),
    IncidentKind.FORGE_REFUSED: Explained(
        "The forge refused a push",
        "The forge does not let this server write. Everything waits, and nothing is lost.",
        "See to the token, its permission, and that the repository is neither archived nor full.",
    ),
    IncidentKind.BOOKS_WRONG: Explained(
        "The books do not balance",
        "Two sums that must be equal differ, so some balance is wrong.",
        "Compare both sums in the evidence, and find the rows that differ before anything else.",
    ),
    IncidentKind.WALLET_LIMIT: Explained(
        "A charge is too large to be counted",
        "It would take the user's balance beyond what can be counted. All others were charged.",
        "Find out which node wrote it. The charge waits meanwhile.",
    ),
    IncidentKind.ADDRESS_COLLISION: Explained(
        "A second key has a known address",
        "It was refused: another key proved this address before. By chance it never happens.",
        "Look for a fault of ours or a changed database; ask the user whose address it is.",
    ),
}
