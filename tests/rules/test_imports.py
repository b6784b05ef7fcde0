"""The house keeps its shape: imports point down, each library has one home, the phone's path stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "fieldkit"

# library -> the only places (folders or files under fieldkit/) that may import it
HOMES = {
    "flask": ("web/", "app.py"),
    "werkzeug": ("web/", "app.py"),
    "wtforms": ("forms/",),
    "sqlmodel": ("store/",),
    # services take a session and an engine; web shows that the database is away, and holds the engine for services
    "sqlalchemy": ("store/", "services/", "web/errors.py", "web/machine.py", "cli/"),
    "psycopg": ("store/",),
    "numpy": ("stats/",),
    "click": ("cli/",),
    "reportlab": ("render/",),
    "alembic": ("store/",),
    # pyreadstat takes nothing but a data frame
    "pandas": ("stats/", "formats/statistical/"),
    "pyreadstat": ("formats/statistical/",),
    "arro3": ("formats/microdata_parquet.py",),
    "xlsxwriter": ("formats/",),
    "argon2": ("services/accounts.py",),
    "yaml": ("formats/", "translations/", "render/style.py"),
}


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("library", HOMES)
def test_each_library_has_one_home(library):
    strangers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if library in imports_of(path) and not path.relative_to(PACKAGE).as_posix().startswith(HOMES[library])
    ]
    assert strangers == []


def test_core_imports_only_the_standard_library_and_itself():
    allowed = sys.stdlib_module_names | {"fieldkit"}
    for path in (PACKAGE / "core").rglob("*.py"):
        assert imports_of(path) <= allowed, path.name


def test_table_rows_never_leave_the_store():
    for path in PACKAGE.rglob("*.py"):
        if "store" not in path.relative_to(PACKAGE).parts:
            assert "fieldkit.store.tables" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("heavy", ["pandas", "numpy", "reportlab", "pyreadstat", "arro3", "xlsxwriter"])
def test_an_application_starts_without_heavy_libraries(heavy, tmp_path):
    script = f"""
import sys, os
os.environ["FIELDKIT_DATA_DIR"] = {str(tmp_path)!r}
from fieldkit.app import create_app
create_app()
sys.exit(1 if {heavy!r} in sys.modules else 0)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_no_drawer_for_odds_and_ends():
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert not names & {"utils", "util", "helpers", "common", "misc", "base"}


def test_every_package_says_what_lives_there():
    for path in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path
