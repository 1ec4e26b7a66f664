"""What operators read about reasons, incidents and equations."""

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

INCIDENTS: Final = {
    IncidentKind.KEY_CONFLICT: "One key, two contents: the first counts",
    IncidentKind.RECORD_VANISHED: "A record that was charged is gone from its file",
    IncidentKind.FILE_VANISHED: "A file that was read is gone",
    IncidentKind.HISTORY_REWRITTEN: "The repository's history was rewritten",
    IncidentKind.BRANCH_MISSING: "The branch is missing",
    IncidentKind.FILE_REPLACED: "A faulty file was replaced; its bytes are kept beside it",
    IncidentKind.BUCKET_FAILED: "An hour's file could not be pushed",
    IncidentKind.UNEXPECTED_FILE: "A file lies where none should be",
    IncidentKind.FORGE_REFUSED: "The forge refused a push",
    IncidentKind.BOOKS_WRONG: "The books do not balance",
}
