"""A small cluster for the whole folder: two workers, each a process with Pythons of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MASTER = "local-cluster[2,1,1024]"
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Small jobs end before Java's better compiler has paid for itself."""


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A session on the cluster; LADDER_TEST_SPARK_MASTER names another one."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master(os.environ.get("LADDER_TEST_SPARK_MASTER", MASTER))
        .appName("ladder-tests")
        .config("spark.driver.extraJavaOptions", QUICK_START)
        .config("spark.executor.extraJavaOptions", QUICK_START)
        .config("spark.executor.memory", "1g")
        .config("spark.executorEnv.POLARS_MAX_THREADS", "1")
        .config("spark.log.level", "OFF")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    logs = Path(os.environ.get("SPARK_HOME", "")) / "work" / session.sparkContext.applicationId
    yield session
    session.stop()
    shutil.rmtree(logs, ignore_errors=True)
