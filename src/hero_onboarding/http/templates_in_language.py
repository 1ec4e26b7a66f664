"""Templates of one language: what they always say is translated when they are compiled."""

from collections.abc import Hashable
from functools import lru_cache
from gettext import NullTranslations
from typing import Any, Final

from jinja2 import BaseLoader, Environment, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from hero_onboarding.kernel.overriding import override

_PARTS_REMEMBERED: Final = 4096
_SAY: Final = frozenset({"_", "gettext"})


class LanguageEnvironment(Environment):
    """Renders templates in one language.

    Most messages have no values in them. Looking each up whenever a page is shown took a third of
    the time that a page takes, so those become text of the template.

    ``{{ view | part("name.html") }}`` renders another template that is given the view and nothing
    else. What it says follows from the view alone, so it is remembered by the view's content.
    """

    def __init__(self, loader: BaseLoader, translations: NullTranslations) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        self._translations = translations
        self.policies["ext.i18n.trimmed"] = True
        self.install_gettext_translations(  # type: ignore[attr-defined]  # the extension adds it
            translations, newstyle=True
        )
        self.filters["part"] = lru_cache(_PARTS_REMEMBERED)(self._part)

    def _part(self, view: Hashable, template: str) -> Markup:
        return Markup(self.get_template(template).render(view=view))  # noqa: S704 - a template that escapes made it

    @override
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = _Told(self._translations).visit(
            super()._parse(source, name, filename)
        )
        return parsed


class _Told(NodeTransformer):
    """Puts translations in the place of messages that have no values."""

    def __init__(self, translations: NullTranslations) -> None:
        self._translations = translations

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: ANN401, N802 - as the base class has it
        found = self.generic_visit(node, *args, **kwargs)
        message = _message_of(node)
        if message is None:
            return found
        text = self._translations.gettext(message) % {}
        return nodes.MarkSafe(nodes.Const(text, lineno=node.lineno), lineno=node.lineno)


def _message_of(node: nodes.Call) -> str | None:
    """Return what a call says if it is a message without values."""
    is_said = isinstance(node.node, nodes.Name) and node.node.name in _SAY
    is_plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and len(node.args) == 1
    if not (is_said and is_plain):
        return None
    (message,) = node.args
    return message.value if isinstance(message, nodes.Const) else None
