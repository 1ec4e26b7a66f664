"""Copy the pinned browser files into the tree, or check that they are what was copied.

``package.json`` and its lock name the versions and their hashes; the ready files, their licences
and a manifest of sha256 sums are committed, so that nothing is fetched when the product is built.

Usage: ``python scripts/vendor_static.py`` copies; ``--check`` copies elsewhere and compares.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
MANIFEST: Final = "vendored.sha256"
_NPM_FILES: Final = ("package.json", "package-lock.json", ".npmrc")


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files go, by name, and where they lie in the installed packages."""

    path: str
    sources: Mapping[str, str]


FOLDERS: Final = (
    Folder(
        "src/hero_onboarding/http/static",
        {
            "htmx.min.js": "htmx.org/dist/htmx.min.js",
            "htmx.LICENSE.txt": "htmx.org/LICENSE",
        },
    ),
    Folder(
        "tests/browser/vendor",
        {
            "axe.min.js": "axe-core/axe.min.js",
            "axe.LICENSE.txt": "axe-core/LICENSE",
            "axe.LICENSE-3RD-PARTY.txt": "axe-core/LICENSE-3RD-PARTY.txt",
        },
    ),
)


def install(folder: Path) -> Path:
    """Install the locked packages into a folder and return where they lie."""
    for name in _NPM_FILES:
        shutil.copy(ROOT / name, folder / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent"], cwd=folder, check=True)
    return folder / "node_modules"


def copy_all(packages: Path, root: Path) -> None:
    """Copy every file and write the manifest of each folder."""
    for folder in FOLDERS:
        target = root / folder.path
        target.mkdir(parents=True, exist_ok=True)
        lines = []
        for name, source in sorted(folder.sources.items()):
            content = (packages / source).read_bytes()
            (target / name).write_bytes(content)
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        (target / MANIFEST).write_text("".join(lines), encoding="ascii")


def differing(fresh: Path) -> list[str]:
    """List the committed files that are not what the packages hold."""
    places = [f"{f.path}/{name}" for f in FOLDERS for name in [*f.sources, MANIFEST]]
    return [place for place in places if _read(ROOT / place) != _read(fresh / place)]


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def main() -> int:
    """Copy or check."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    is_check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = install(folder)
        if not is_check:
            copy_all(packages, ROOT)
            return 0
        copy_all(packages, folder / "fresh")
        wrong = differing(folder / "fresh")
    for place in wrong:
        print(f"{place} differs from the pinned package")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
