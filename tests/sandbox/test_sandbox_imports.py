import ast
from pathlib import Path

import hero_onboarding.sandbox

ALLOWED = ("hero_onboarding.kernel", "hero_onboarding.sandbox")


def test_the_sandbox_imports_nothing_of_the_product_but_its_kernel() -> None:
    files = list(Path(hero_onboarding.sandbox.__file__).parent.rglob("*.py"))

    strangers = {
        (file.name, name)
        for file in files
        for name in imported_names(file)
        if name.startswith("hero_onboarding") and not name.startswith(ALLOWED)
    }

    assert len(files) > 20
    assert strangers == set()


def imported_names(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names
