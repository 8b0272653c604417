"""Compile a folder of packages, without docstrings but our own, with the Python that runs this. Runs while the layer is built, not in Lambda.

    python compile_packages.py …/python

Lambda's code is read-only, so what is not compiled here is compiled at each cold start. What is compiled is not compared with its source again (unchecked).
A dataclass that has no docstring writes itself one, of its whole signature, at each cold start: so `snapback` keeps its own. That is 3.6 % of what an import
executes, and no memory that could be measured.
"""

import sys
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode, compile  # noqa: A004 - nothing else is compiled here

if __name__ == "__main__":
    packages = Path(sys.argv[1])
    for path in packages.rglob("*.py"):
        source, is_ours = str(path), path.is_relative_to(packages / "snapback")
        compile(source, cache_from_source(source), optimize=1 if is_ours else 2, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
