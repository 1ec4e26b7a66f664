"""Take blanks off line ends, leave one newline at the end of files; exit 1 if any changed."""

import re
import sys
from pathlib import Path


def tidy(path: Path) -> bool:
    """Tidy one file; return whether it changed."""
    before = path.read_bytes()
    after = re.sub(rb"[ \t]+(?=\n|$)", b"", before).rstrip(b"\n") + (b"\n" if before else b"")
    if after != before:
        path.write_bytes(after)
        print(f"tidied {path}")
    return after != before


if __name__ == "__main__":
    sys.exit(sum(tidy(Path(name)) for name in sys.argv[1:]) > 0)
