"""Whether Spark can run here; every module of this folder asks before it imports anything of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

OLDEST_JAVA = 17
MUST = "LADDER_TEST_SPARK"


def demand() -> None:
    """Skip the module and say why, unless LADDER_TEST_SPARK=must, as CI sets it where Java is."""
    reason = absence()
    if not reason:
        return
    if os.environ.get(MUST) == "must":
        pytest.fail(f"{MUST}=must, but {reason}", pytrace=False)
    pytest.skip(f"Spark cannot run here: {reason}", allow_module_level=True)


def absence() -> str:
    """Name the missing part and how to install it; empty if Spark can run."""
    for package in ("pyspark", "pyarrow", "pandas"):
        if find_spec(package) is None:
            return f"{package} is not installed (pip install 'ladder-crm[spark]')"
    java = java_version()
    if java is None:
        return f"no java on the PATH or in JAVA_HOME (Java {OLDEST_JAVA} or later)"
    if java < OLDEST_JAVA:
        return f"Java {java} is too old (Java {OLDEST_JAVA} or later)"
    return ""


def java_version() -> int | None:
    """The feature version of the Java that Spark would start; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if command is None or not Path(command).exists():
        return None
    done = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', done.stdout + done.stderr)
    return int(found[1]) if found else None
