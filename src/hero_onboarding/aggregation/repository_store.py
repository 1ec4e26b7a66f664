"""Every query about what was read of a repository: trees of nodes, blobs of files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update

from hero_onboarding.aggregation.tables import repository_files, repository_nodes
from hero_onboarding.database import Transaction
from hero_onboarding.usage import Bucket

GONE: Final = "gone"
"""Stands for the blob of a file that was reported missing."""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was last read; ``blob_id`` is empty until it was read wholly once.

    ``is_new`` says that nobody saw it before, so that nothing can have vanished from it.
    """

    number: int
    path: str
    bucket: Bucket
    blob_id: str
    is_new: bool = False


def list_node_trees(tx: Transaction, repository: str) -> dict[str, str]:
    """Return the tree id of each node's directory when it was last read to its end.

    Nodes that were read in part only have an empty one.
    """
    c = repository_nodes.c
    rows = tx.execute(select(c.node_id, c.tree_id).where(c.repository == repository))
    return {row.node_id: row.tree_id for row in rows}


def store_node_tree(
    tx: Transaction, repository: str, node_id: str, tree_id: str, now: datetime
) -> None:
    """Remember that all below a node's tree was read."""
    statement = tx.insert(repository_nodes).values(
        repository=repository, node_id=node_id, tree_id=tree_id, changed_at=now
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["repository", "node_id"],
            set_={"tree_id": tree_id, "changed_at": now},
        )
    )


def begin_node(tx: Transaction, repository: str, node_id: str, now: datetime) -> None:
    """Remember that files of a node are being read, so that it is missed should it vanish."""
    statement = tx.insert(repository_nodes).values(
        repository=repository, node_id=node_id, tree_id="", changed_at=now
    )
    tx.execute(statement.on_conflict_do_nothing())


def forget_node_tree(tx: Transaction, repository: str, node_id: str) -> None:
    """Forget a node's tree, so that the directory is read anew should it come back."""
    c = repository_nodes.c
    tx.execute(delete(repository_nodes).where(c.repository == repository, c.node_id == node_id))


def list_files(tx: Transaction, repository: str, node_id: str) -> dict[str, KnownFile]:
    """Return the files of a node that were ever read, by path."""
    c = repository_files.c
    query = select(repository_files).where(c.repository == repository, c.node_id == node_id)
    return {
        row.path: KnownFile(row.number, row.path, Bucket(row.node_id, row.hour), row.blob_id)
        for row in tx.execute(query)
    }


def add_file(tx: Transaction, repository: str, bucket: Bucket, path: str) -> KnownFile:
    """Return the file of a path, made when it was not known."""
    c = repository_files.c
    insert = tx.insert(repository_files).on_conflict_do_nothing()
    made = insert.values(
        repository=repository,
        node_id=bucket.node_id,
        hour=bucket.hour,
        path=path,
        blob_id="",
    )
    number = tx.execute(made.returning(c.number)).scalar()
    if number is not None:
        return KnownFile(number, path, bucket, "", is_new=True)
    query = select(c.number, c.blob_id).where(c.repository == repository, c.path == path)
    row = tx.execute(query).one()
    return KnownFile(row.number, path, bucket, row.blob_id)


def store_blob(tx: Transaction, number: int, blob_id: str) -> None:
    """Remember that all of a file's records were taken in."""
    c = repository_files.c
    tx.execute(update(repository_files).where(c.number == number).values(blob_id=blob_id))


def count_files(tx: Transaction) -> tuple[int, int]:
    """Count the nodes and the files of all repositories."""
    c = repository_files.c
    row = tx.execute(
        select(
            func.count(c.node_id.distinct()).label("nodes"), func.count().label("files")
        ).select_from(repository_files)
    ).one()
    return int(row.nodes), int(row.files)
