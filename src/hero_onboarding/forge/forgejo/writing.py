"""Write files through the contents API, and find out what became of a doubtful write."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from hero_onboarding.forge.errors import ForgeAnswerError, ForgeMovedError, ForgeRefusedError
from hero_onboarding.forge.forgejo.answers import (
    FileAnswer,
    FilesAnswer,
    StoredFile,
    message_of,
    read_answer,
)
from hero_onboarding.forge.forgejo.api import RepositoryApi
from hero_onboarding.forge.forgejo.looking import look
from hero_onboarding.forge.forgejo.refusals import describe, failure_of
from hero_onboarding.forge.objects import blob_id, is_object_id
from hero_onboarding.forge.ports import Commit, FileChange
from hero_onboarding.outbound import HttpAnswer

_WRITTEN: Final = (HTTPStatus.OK, HTTPStatus.CREATED)
_NO_SUCH_CALL: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_RACE: Final = ("cannot lock ref", "failed to update ref")
_REFUSED_PUSH: Final = ("PushRejected", *_RACE)
_STALE: Final = ("already exists", "does not match")
_DOUBTFUL: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
)
_MOVED: Final = "the files or the branch are not as they were when they were looked at"


@dataclass(frozen=True, slots=True)
class Writer:
    """One call's commit on one branch, whose head was looked up just before.

    The head tells a race from a failure of the server's own: both may be a blank 500.
    """

    api: RepositoryApi
    commit: Commit
    branch: str
    head: str | None

    def write(self, changes: Sequence[FileChange]) -> str | None:
        """Write changes, in one commit where the server can, and return the newest one's id.

        None when somebody else had written the same before.

        Raises:
            ForgeMovedError: If a file or the branch is not as it was.
        """
        if len(changes) == 1:
            return self._write_one(changes[0])
        if self.api.learned.has_multi_file:
            body = {**self._frame(), "files": [_operation(change) for change in changes]}
            answer = self.api.write("POST", "contents", body)
            if answer.status not in _NO_SUCH_CALL:
                return self._settle(answer, changes)
        return self._write_each(changes)

    def _write_each(self, changes: Sequence[FileChange]) -> str | None:
        """Write one commit per file, each on top of the one before."""
        writer = self
        newest: str | None = None
        for change in changes:
            written = writer._write_one(change)
            if written is not None:
                newest = written
                writer = replace(writer, head=newest)
            # That one could be written shows that it was the call which is missing.
            self.api.learned.has_multi_file = False
        return newest

    def _write_one(self, change: FileChange) -> str | None:
        method = "POST" if change.replaces is None else "PUT"
        body = {**self._frame(), **_file_fields(change)}
        answer = self.api.write(method, f"contents/{change.path}", body)
        return self._settle(answer, [change])

    def _frame(self) -> dict[str, Any]:
        """Say what every write says: where, by whom, when and why."""
        who = {"name": self.commit.author_name, "email": self.commit.author_email}
        at = self.commit.at.isoformat()
        return {
            "message": self.commit.message,
            "author": who,
            "committer": who,
            "dates": {"author": at, "committer": at},
            **self._branches(),
        }

    def _branches(self) -> dict[str, str]:
        """Name the branch; one that is missing is begun at the repository's default branch."""
        if self.head is None:
            found = self.api.get_repository()
            if not found.empty and found.default_branch != self.branch:
                return {"branch": found.default_branch, "new_branch": self.branch}
        return {"branch": self.branch}

    def _settle(self, answer: HttpAnswer, changes: Sequence[FileChange]) -> str | None:
        """Return the commit of a write that succeeded; look what became of any other.

        A server that says that a file is not as expected has written nothing: if all is there
        all the same, somebody else was faster. After any other doubt it is taken to be ours.
        """
        if answer.status in _WRITTEN:
            return _read_written(answer, changes)
        said = message_of(answer)
        is_refusal = answer.status == HTTPStatus.FORBIDDEN and not _has(said, _REFUSED_PUSH)
        if answer.status not in _DOUBTFUL or is_refusal:
            raise failure_of("write", answer, self.api.token)
        seen = look(self.api, self.branch, changes)
        if seen.head is not None and all(seen.is_landed(change) for change in changes):
            return None if _has(said, _STALE) else seen.head
        is_expected = all(seen.is_as_expected(change) for change in changes)
        if not is_expected or seen.head != self.head or _is_stale(answer.status, said):
            raise ForgeMovedError(_MOVED)
        if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            shown = describe(answer, self.api.token)
            raise ForgeRefusedError(f"the forge does not take these files ({shown})")
        raise failure_of("write", answer, self.api.token)


def _is_stale(status: int, said: str) -> bool:
    """Whether an answer can only mean that another writer was faster."""
    if status == HTTPStatus.FORBIDDEN:
        return _has(said, _RACE)
    return status == HTTPStatus.CONFLICT or _has(said, _STALE)


def _has(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _file_fields(change: FileChange) -> dict[str, str]:
    fields = {"content": base64.b64encode(change.content).decode()}
    return fields if change.replaces is None else {**fields, "sha": change.replaces}


def _operation(change: FileChange) -> dict[str, str]:
    operation = "create" if change.replaces is None else "update"
    return {"operation": operation, "path": change.path, **_file_fields(change)}


def _read_written(answer: HttpAnswer, changes: Sequence[FileChange]) -> str:
    """Check that the server stored the very bytes that were sent.

    Raises:
        ForgeAnswerError: If it stored others, as a ``.gitattributes`` in the branch makes it do.
    """
    stored: list[StoredFile | None]
    if b'"files"' in answer.body and len(changes) > 1:
        many = read_answer(answer, FilesAnswer)
        stored, commit = many.files, many.commit.sha
    else:
        one = read_answer(answer, FileAnswer)
        stored, commit = [one.content], one.commit.sha
    found = {file.path: file.sha for file in stored if file is not None}
    for change in changes:
        if found.get(change.path) != blob_id(change.content):
            raise ForgeAnswerError(f"the forge stored other bytes at {change.path} than were sent")
    if not is_object_id(commit):
        raise ForgeAnswerError("the forge's answer to a write names no commit")
    return commit
