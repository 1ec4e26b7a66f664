"""Compile a statement once for all databases of a process, as one that runs on does for its own.

SQLAlchemy keeps what it compiled beside each engine, and nearly every test has an engine of its
own: half of its time went into compiling the same statements again.
"""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event

from hero_onboarding.kernel.overriding import override

Key = tuple[Any, ...]


class Compiled(dict[Key, Any]):
    """What was compiled for any engine of one kind; the first part of a key is the engine's own."""

    @override
    def get(self, key: Key, default: Any = None) -> Any:
        return super().get(key[1:], default)

    @override
    def __setitem__(self, key: Key, value: Any) -> None:
        super().__setitem__(key[1:], value)


@cache
def compiled_for(name: str, driver: str) -> Compiled:  # noqa: ARG001 - the key
    """What was compiled for one kind of engine, by the name of the database and its driver."""
    return Compiled()


def share() -> None:
    """Share between all engines of this process, from now on."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    dialect = connection.dialect
    connection.execution_options(compiled_cache=compiled_for(dialect.name, dialect.driver))
