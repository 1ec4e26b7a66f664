"""Match a path to a pattern."""


def match_path(pattern: str, segments: tuple[str, ...]) -> dict[str, str] | None:
    """Return the parts in braces if the path fits; none of them may be empty."""
    parts = pattern.split("/")[1:]
    if len(parts) != len(segments):
        return None
    found: dict[str, str] = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{") and segment:
            found[part[1:-1]] = segment
        elif part != segment:
            return None
    return found
