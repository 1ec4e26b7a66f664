"""Git forges behind one protocol: the seam, its values and its failures."""

from hero_onboarding.forge.errors import (
    ForgeAnswerError,
    ForgeInputError,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.forge.ports import (
    DIRECTORY_MODE,
    REGULAR_FILE_MODE,
    Commit,
    FileChange,
    Forge,
    TreeEntry,
)

__all__ = [
    "DIRECTORY_MODE",
    "REGULAR_FILE_MODE",
    "Commit",
    "FileChange",
    "Forge",
    "ForgeAnswerError",
    "ForgeInputError",
    "ForgeMovedError",
    "ForgeRefusedError",
    "ForgeUnavailableError",
    "TreeEntry",
]
