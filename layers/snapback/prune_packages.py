"""Put off what the libraries import and hardly anybody needs. Runs while the layer is built, not in Lambda.

    python prune_packages.py …/python

A cold start is mostly imports, so what a library needs only now and then is imported when it needs it: nothing is taken away, and no behaviour changes. The
libraries are pinned by hash, so each passage stands there to the letter; where it does not, after an upgrade, the build fails and says so.
"""

import sys
from pathlib import Path
from typing import NamedTuple


class Change(NamedTuple):
    """One passage of one library, and what stands there instead."""

    why: str
    file: str
    passages: tuple[tuple[str, str], ...]
    """Pairs of what is there, exactly once, and what shall be."""


CHANGES = (
    Change(
        "Models are read into plain dicts, which keep their order since Python 3.7: half the time, less memory.",
        "botocore/loaders.py",
        (("json.loads(payload, object_pairs_hook=OrderedDict)", "json.loads(payload)"),),
    ),
    Change(
        "The writer of botocore's manual is needed to make a manual.",
        "botocore/docs/__init__.py",
        (
            ("from botocore.docs.service import ServiceDocumenter\n", ""),
            ("    # Create the root directory", "    from botocore.docs.service import ServiceDocumenter\n\n    # Create the root directory"),
        ),
    ),
    Change(
        "The texts of a client's methods are written when somebody asks for help().",
        "botocore/docs/docstring.py",
        (
            ("from botocore.docs.bcdoc.restdoc import DocumentStructure\n", ""),
            ("from botocore.docs.method import document_model_driven_method\n", ""),
            ("from botocore.docs.paginator import document_paginate_method\n", ""),
            ("from botocore.docs.waiter import document_wait_method\n", ""),
            (
                "        docstring_structure = DocumentStructure(",
                "        from botocore.docs.bcdoc.restdoc import DocumentStructure\n\n        docstring_structure = DocumentStructure(",
            ),
            (
                "        document_model_driven_method(",
                "        from botocore.docs.method import document_model_driven_method\n\n        document_model_driven_method(",
            ),
            (
                "        document_paginate_method(",
                "        from botocore.docs.paginator import document_paginate_method\n\n        document_paginate_method(",
            ),
            ("        document_wait_method(", "        from botocore.docs.waiter import document_wait_method\n\n        document_wait_method("),
        ),
    ),
    Change(
        "Versions of packages are looked up by those who switch HTTP/2 on.",
        "urllib3/http2/__init__.py",
        (
            ("from importlib.metadata import version\n", ""),
            ("    # First check if h2 version is valid\n", "    from importlib.metadata import version\n\n"),
        ),
    ),
    Change(
        "The package brings all three of its utilities; whoever wants metrics or tracing imports them by their own names.",
        "aws_lambda_powertools/__init__.py",
        (
            ("from aws_lambda_powertools.metrics import Metrics, single_metric\n", ""),
            ("from aws_lambda_powertools.tracing import Tracer\n", ""),
            ('    "Metrics",\n    "single_metric",\n    "Tracer",\n', ""),
        ),
    ),
    Change(
        "Correlation ids are looked up by those who ask for them.",
        "aws_lambda_powertools/logging/logger.py",
        (
            ("from aws_lambda_powertools.utilities import jmespath_utils\n", ""),
            (
                "            if correlation_id_path:\n",
                "            if correlation_id_path:\n                from aws_lambda_powertools.utilities import jmespath_utils\n\n",
            ),
        ),
    ),
)


def prune(packages: Path) -> None:
    """Make the changes in the folder of packages; raise `SystemExit` if a passage is not there exactly once."""
    for change in CHANGES:
        path = packages / change.file
        text = path.read_text(encoding="utf-8")
        for old, new in change.passages:
            if text.count(old) != 1:
                raise SystemExit(f"{change.file} has changed: {old.strip()!r} should stand there once. See layers/snapback/prune_packages.py.")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
