"""The forge's book of accounts and repositories, kept in one file."""

import threading
from datetime import datetime
from pathlib import Path
from secrets import compare_digest, token_hex

import msgspec

from hero_onboarding.sandbox.forge.accounts import Hook, RepositoryRecord, Token, User


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in the file, as one value."""

    next_id: int = 1
    users: dict[str, User] = {}
    tokens: tuple[Token, ...] = ()
    repositories: dict[str, RepositoryRecord] = {}


class Registry:
    """Reads without waiting, writes one at a time, each to the file before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._book = _load(file)

    def find_user(self, name: str) -> User | None:
        """Return the user or organisation of this name, whatever its case."""
        return self._book.users.get(name.lower())

    def find_token(self, secret: str) -> Token | None:
        """Return the token with this secret."""
        wanted = secret.encode()
        for token in self._book.tokens:
            if compare_digest(token.secret.encode(), wanted):
                return token
        return None

    def find_named_token(self, user: str, name: str) -> Token | None:
        """Return a user's token by its name."""
        for token in self._book.tokens:
            if token.user == user and token.name == name:
                return token
        return None

    def find_repository(self, owner: str, name: str) -> RepositoryRecord | None:
        """Return what is known of a repository, whatever the case of its name."""
        return self._book.repositories.get(f"{owner}/{name}".lower())

    def list_repositories(self) -> list[RepositoryRecord]:
        """List every repository, by full name."""
        return [self._book.repositories[key] for key in sorted(self._book.repositories)]

    def add_user(self, name: str, *, password: str = "", members: tuple[str, ...] = ()) -> User:
        """Add a user, or an organisation if it has members; one that exists stays as it is."""
        with self._lock:
            book = self._book
            if name.lower() in book.users:
                return book.users[name.lower()]
            user = User(
                id=book.next_id,
                name=name,
                email=f"{name.lower()}@sandbox.invalid",
                password=password,
                is_organisation=bool(members),
                members=members,
            )
            users = {**book.users, name.lower(): user}
            self._keep(msgspec.structs.replace(book, users=users, next_id=book.next_id + 1))
            return user

    def add_token(self, user: str, name: str, scopes: tuple[str, ...]) -> Token:
        """Make a token with a new secret of 40 hexadecimal digits."""
        with self._lock:
            book = self._book
            token = Token(
                id=book.next_id, user=user, name=name, secret=token_hex(20), scopes=scopes
            )
            tokens = (*book.tokens, token)
            self._keep(msgspec.structs.replace(book, tokens=tokens, next_id=book.next_id + 1))
            return token

    def add_repository(
        self, owner: str, name: str, default_branch: str, created_at: datetime
    ) -> RepositoryRecord | None:
        """Note a new repository, or return None if the name is taken."""
        with self._lock:
            book = self._book
            key = f"{owner}/{name}".lower()
            if key in book.repositories:
                return None
            record = RepositoryRecord(
                id=book.next_id,
                owner=owner,
                name=name,
                default_branch=default_branch,
                created_at=created_at,
            )
            self._keep(
                msgspec.structs.replace(
                    book,
                    repositories={**book.repositories, key: record},
                    next_id=book.next_id + 1,
                )
            )
            return record

    def change_repository(self, full_name: str, **changes: object) -> RepositoryRecord:
        """Replace some fields of what is known of a repository."""
        with self._lock:
            return self._change(full_name, changes)

    def add_hook(self, full_name: str, hook: Hook) -> Hook:
        """Give a hook its id and add it to a repository."""
        with self._lock:
            numbered = msgspec.structs.replace(hook, id=self._book.next_id)
            hooks = (*self._book.repositories[full_name.lower()].hooks, numbered)
            self._change(full_name, {"hooks": hooks})
            self._keep(msgspec.structs.replace(self._book, next_id=numbered.id + 1))
            return numbered

    def remove_repository(self, full_name: str) -> None:
        """Forget a repository."""
        with self._lock:
            rest = {k: v for k, v in self._book.repositories.items() if k != full_name.lower()}
            self._keep(msgspec.structs.replace(self._book, repositories=rest))

    def _change(self, full_name: str, changes: dict[str, object]) -> RepositoryRecord:
        book = self._book
        record = msgspec.structs.replace(book.repositories[full_name.lower()], **changes)
        repositories = {**book.repositories, full_name.lower(): record}
        self._keep(msgspec.structs.replace(book, repositories=repositories))
        return record

    def _keep(self, book: Book) -> None:
        draft = self._file.with_name(self._file.name + ".new")
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(book)))
        draft.replace(self._file)
        self._book = book


def _load(file: Path) -> Book:
    if not file.exists():
        return Book()
    return msgspec.json.decode(file.read_bytes(), type=Book)
