"""The mark of a method that replaces an inherited one, which Python has from 3.12 on."""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import override
else:
    _Method = TypeVar("_Method")

    def override(method: _Method) -> _Method:
        """Return a method as it is; only the type checker looks at the mark."""
        return method


__all__ = ["override"]
