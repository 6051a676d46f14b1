"""The methods give the same answers whatever the processor: under other kernels of the linear algebra, and of numpy itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INFO = Path("/proc/cpuinfo")
WIDE = INFO.is_file() and "avx512f" in INFO.read_text()
# OpenBLAS picks its kernel by the processor; these make it take another. SkylakeX needs instructions that not every machine has.
KERNELS = ["Haswell", "Zen", "Prescott", "Sandybridge", *(["SkylakeX"] if WIDE else [])]
PLAIN = "AVX2 FMA3" + (" AVX512F AVX512_SKX" if WIDE else "")


@pytest.mark.soak
@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_methods_and_snapshots_pass_under_another_kernel(kernel, threads):
    ran(
        ["tests/methods", "tests/snapshots"],
        OPENBLAS_CORETYPE=kernel,
        OPENBLAS_NUM_THREADS=threads,
        OMP_NUM_THREADS=threads,
    )


@pytest.mark.soak
def test_methods_pass_where_numpy_has_only_plain_instructions():
    ran(["tests/methods"], NPY_DISABLE_CPU_FEATURES=PLAIN)


def ran(folders: list[str], **given: str) -> None:
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-m", "not soak", *folders]
    done = subprocess.run(asked, cwd=ROOT, env=os.environ | given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
