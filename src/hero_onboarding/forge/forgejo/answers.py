"""What Forgejo and Gitea answer, as far as we read it; unknown fields are ignored."""

import base64
import binascii
from typing import TypeVar

import msgspec

from hero_onboarding.forge.errors import ForgeAnswerError
from hero_onboarding.outbound import HttpAnswer

T = TypeVar("T")


class ApiSettings(msgspec.Struct, frozen=True):
    """Sizes that the server sets; the defaults are those of a fresh server."""

    max_response_items: int = 50
    default_git_trees_per_page: int = 1000


class RepositoryAnswer(msgspec.Struct, frozen=True):
    """A repository."""

    default_branch: str
    empty: bool = False


class ObjectName(msgspec.Struct, frozen=True):
    """A commit as branches name it."""

    id: str


class BranchAnswer(msgspec.Struct, frozen=True):
    """A branch."""

    commit: ObjectName


class EntryAnswer(msgspec.Struct, frozen=True):
    """One entry of a directory."""

    path: str
    mode: str
    type: str
    sha: str
    size: int = 0


class TreeAnswer(msgspec.Struct, frozen=True):
    """One page of a directory; an empty one has no list at all."""

    total_count: int
    tree: list[EntryAnswer] | None = None


class BlobAnswer(msgspec.Struct, frozen=True):
    """A file; its content is left out above the server's limit."""

    sha: str
    size: int
    content: str | None = None

    def read(self) -> bytes:
        """Decode the content.

        Raises:
            ForgeAnswerError: If it is not base64.
        """
        try:
            return base64.b64decode(self.content or "", validate=True)
        except (binascii.Error, ValueError):
            raise ForgeAnswerError(f"the content of {self.sha} is not base64") from None


class CommitAnswer(msgspec.Struct, frozen=True):
    """A commit."""

    sha: str


class StoredFile(msgspec.Struct, frozen=True):
    """A file as it was stored."""

    path: str
    sha: str


class FileAnswer(msgspec.Struct, frozen=True):
    """The answer to writing one file."""

    content: StoredFile | None
    commit: CommitAnswer


class FilesAnswer(msgspec.Struct, frozen=True):
    """The answer to writing several files."""

    files: list[StoredFile | None]
    commit: CommitAnswer


class FailureAnswer(msgspec.Struct, frozen=True):
    """An error; servers leave the message empty for those who are no administrators."""

    message: str = ""


def read_answer(answer: HttpAnswer, shape: type[T]) -> T:
    """Read an answer's JSON.

    Raises:
        ForgeAnswerError: If it has another shape.
    """
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except msgspec.MsgspecError as error:
        raise ForgeAnswerError(f"the forge's answer can't be read: {error}") from None


def message_of(answer: HttpAnswer) -> str:
    """Return what an error says, on one printable line."""
    try:
        said = msgspec.json.decode(answer.body, type=FailureAnswer).message
    except msgspec.MsgspecError:
        return ""
    plain = "".join(one if one.isascii() and one.isprintable() else " " for one in said)
    return " ".join(plain.split())
