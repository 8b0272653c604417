"""Compile a folder of packages, without docstrings, with the Python that runs this. Runs while the layer is built, not in Lambda.

    python compile_packages.py …/python

Lambda's code is read-only, so what is not compiled here is compiled at each cold start. What is compiled is not compared with its source again (unchecked).
"""

import sys
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode, compile  # noqa: A004 - nothing else is compiled here

if __name__ == "__main__":
    for source in map(str, Path(sys.argv[1]).rglob("*.py")):
        compile(source, cache_from_source(source), optimize=2, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
