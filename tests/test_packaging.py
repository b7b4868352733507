"""Installed distributions work: the wheel and an editable install both find their migrations.

Each kind goes into a virtual environment of its own that sees the dependencies of this one but
neither its editable install nor the checkout.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[1]
SCRIPTS = {f"migrations/{path.relative_to(ROOT / 'migrations').as_posix()}"
           for path in (ROOT / "migrations").rglob("*")
           if path.suffix in {".py", ".mako"}}  # fmt: skip

MIGRATE = """
import sys, ladder
from ladder.storage import engines, migrations
engine = engines.create_engine(sys.argv[1])
migrations.upgrade(engine)
migrations.check(engine)
print(ladder.__file__, migrations.migrations_path(), migrations.current(engine), sep="\\n")
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without this environment's ways to find a package; its output."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment without pip; a path line brings the dependencies, not their .pth."""
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def install(environment: Path, *what: str | Path) -> None:
    python = environment / "bin" / "python"
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
        *("--no-deps", "--no-index", "--no-build-isolation", *what),
        cwd=environment,
    )


def migrate(environment: Path) -> tuple[Path, Path, str]:
    """Migrate a fresh database: where `ladder` was found, where its scripts, which revision."""
    url = f"sqlite:///{environment / 'fresh.db'}"
    output = run(environment / "bin" / "python", "-c", MIGRATE, url, cwd=environment)
    package, scripts, revision = output.splitlines()
    return Path(package), Path(scripts), revision


def test_wheel_carries_every_migration_and_nothing_of_the_workshop(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"ladder/{script}" for script in SCRIPTS} <= names
    assert "ladder/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ladder"}


def test_sdist_carries_the_top_level_migrations(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {*SCRIPTS, "README.md", "LICENSE", "pyproject.toml"} <= names


def test_installed_wheel_migrates_from_inside_the_package(built: Path, environment: Path) -> None:
    (wheel,) = built.glob("*.whl")
    install(environment, wheel)
    package, scripts, revision = migrate(environment)
    assert package.is_relative_to(environment)
    assert scripts == package.parent / "migrations"
    assert revision.startswith("ladder_")
    assert (environment / "bin" / "ladder").is_file()


def test_editable_install_migrates_from_the_checkout(environment: Path) -> None:
    install(environment, "--editable", ROOT)
    package, scripts, revision = migrate(environment)
    assert package == ROOT / "src" / "ladder" / "__init__.py"
    assert scripts == ROOT / "migrations"
    assert revision.startswith("ladder_")
