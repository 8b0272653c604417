"""Compile a folder of packages with the Python that runs this: libraries without their docstrings, Snapback whole. Runs while the layer is built.

    python compile_packages.py …/python

Lambda's code is read-only, so what is not compiled here is compiled at each cold start. What is compiled is not compared with its source again (unchecked).
"""

import sys
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode, compile  # noqa: A004 - nothing else is compiled here

if __name__ == "__main__":
    packages = Path(sys.argv[1])
    for source in packages.rglob("*.py"):
        optimize = 0 if source.is_relative_to(packages / "snapback") else 2
        compile(str(source), cache_from_source(str(source)), optimize=optimize, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
