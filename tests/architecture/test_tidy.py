"""Style is a test: sizes, floats, front doors, words that must not stand in the code."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PRODUCT = SOURCE / "hero_onboarding"
MODULES = sorted(SOURCE.rglob("*.py"))
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
ENTRYPOINT_LINES_MAX = 60
PROTOCOL_METHODS_MAX = 5
PARAMETERS_MAX = 6
SUPPRESSIONS_MAX = 60
MONEY = ("kernel/money.py", "ledger", "wallet", "usage", "aggregation", "otoml")
ROLES = {"utils", "helpers", "common", "base", "manager", "misc"}
FRONT_DOORS_EXEMPT = ("bootstrap", "migrations", "entrypoints")
SHARED = {"kernel", "http"}  # no features: what all of them, or all pages, stand on
SIDE_DOORS = {"hero_onboarding.outbound.tracing"}  # git needs the trace and no HTTP client
HOSTS = re.compile(
    r"py[p]i\.org|pythonhoste[d]\.|npmj[s]\.(org|com)|deb\.d[e]bian\.|crate[s]\.io"
    r"|https?://[^ \"]+\.(whl|tgz)"
)
PATHS = re.compile(r"(^|[^A-Za-z0-9_.-])/(wor[k]|far[m]|roo[t])/")


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_its_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in MODULES
        if "migrations/versions" not in str(path)
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    }

    assert long == {}


def test_entry_points_are_short() -> None:
    for path in (PRODUCT / "entrypoints").glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= ENTRYPOINT_LINES_MAX, path


def test_no_function_is_longer_than_its_limit() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        if "migrations/versions" not in str(path)
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_protocols_are_small() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases
            ):
                methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
                assert len(methods) <= PROTOCOL_METHODS_MAX, f"{path}: {node.name}"


def test_money_is_never_a_float() -> None:
    found = []
    for place in MONEY:
        path = PRODUCT / place
        for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
            if module.name in {"push.py", "lease.py", "read_repository.py", "views.py"}:
                continue  # seconds to wait and widths to draw are no money
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
                is_name = isinstance(node, ast.Name) and node.id == "float"
                is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
                if is_float or is_name or is_division:
                    found.append(f"{module.relative_to(ROOT)}: {ast.unparse(node)}")

    assert found == []


def test_dataclasses_are_frozen_unless_listed() -> None:
    open_ones = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text.startswith("dataclass") and "frozen=True" not in text:
                    open_ones.add(node.name)

    assert open_ones <= MUTABLE, open_ones - MUTABLE


MUTABLE = {
    "PassCounts",  # grows while a pass runs
    "PushCounts",  # grows while a push runs
    "SandboxClock",  # remembers what it read last
    "EmbeddedScheduler",  # owns a thread
    "RecordOperation",  # the framework's own base is not frozen
    "BatchOperation",  # as above
    "Learned",  # what a forge client finds out about its server
    "TreeEdit",  # a directory of the sandbox being changed
    "_Branching",  # as above
    "_Exchange",  # a request that the sandbox is reading
    "Overlay",  # the network behind the sandbox's daemon
}


def test_features_meet_at_their_front_doors() -> None:
    features = {path.name for path in PRODUCT.iterdir() if (path / "__init__.py").exists()}
    found = []
    for path in sorted(PRODUCT.rglob("*.py")):
        own = path.relative_to(PRODUCT).parts[0]
        if own in FRONT_DOORS_EXEMPT or own == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                parts = node.module.split(".")
                if parts[0] != "hero_onboarding" or len(parts) < 3 or parts[1] == own:
                    continue
                if node.module in SIDE_DOORS or parts[1] in SHARED:
                    continue
                if parts[1] in features:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.module}")

    assert found == []


def test_no_module_is_named_after_nothing() -> None:
    assert [path for path in MODULES if path.stem in ROLES] == []


def test_no_words_of_unfinished_work_stand_in_the_code() -> None:
    words = re.compile(r"\b(TO[D]O|FIXM[E]|XX[X]|HAC[K]|NotImplementedErro[r])\b")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".sh", ".html"} and words.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".svg", ".png"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if HOSTS.search(text) or any(PATHS.search(line) for line in text.splitlines()):
            found.append(str(path.relative_to(ROOT)))

    assert found == []


def test_locks_are_hashed_and_hold_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        pins = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==", text, re.MULTILINE)
        assert pins, path
        assert "://" not in text, path
        assert text.count("--hash=sha256:") >= len(pins), path


def test_lock_files_with_host_names_are_not_tracked() -> None:
    assert [p for p in tracked() if p.name in {"uv.lock", "pylock.toml"}] == []


def test_suppressions_only_fall() -> None:
    marks = re.compile(r"# (noqa|type: ignore)")
    count = sum(len(marks.findall(path.read_text(encoding="utf-8"))) for path in MODULES)

    assert count <= SUPPRESSIONS_MAX


def test_every_suppression_has_a_code_and_a_reason() -> None:
    bare = re.compile(
        r"# (noqa(?!: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* - \S)|type: ignore(?!\[[a-z-]+\]  # \S))"
    )
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("package", sorted(p.parent for p in PRODUCT.glob("*/__init__.py")))
def test_front_doors_name_what_they_export(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    named = {
        element.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "__all__"
        and isinstance(node.value, ast.List)
        for element in node.value.elts
        if isinstance(element, ast.Constant)
    }

    assert imported == named
