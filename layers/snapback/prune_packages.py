"""Put off what the libraries do at each cold start and hardly anybody needs. Runs while the layer is built, not in Lambda.

    python prune_packages.py …/python

A cold start is mostly imports. What a library imports for a rare purpose is imported here where that purpose begins: nothing that Snapback could call is gone,
and nothing behaves otherwise. What brings less than two milliseconds is left as it comes (docs/performance.md). The libraries are pinned by hash, so each line
stands there to the letter; where one does not, after an upgrade, the build fails and says so. tests/contract/test_packages.py holds the libraries so changed
beside the libraries as they come.
"""

import sys
from pathlib import Path
from typing import NamedTuple


class Deferred(NamedTuple):
    """An import that moves from the top of a file to where it is needed."""

    why: str
    file: str
    statement: str
    needed_by: tuple[str, ...]
    """How the lines begin that need it, each indented as it stands there."""

    def changes(self) -> list[tuple[str, str]]:
        """Return pairs of what is there, exactly once, and what shall be."""
        moved = [(line, f"{line[: -len(line.lstrip())]}{self.statement}\n\n{line}") for line in self.needed_by]
        return [(f"\n{self.statement}\n", "\n"), *((f"\n{old}", f"\n{new}") for old, new in moved)]


class Instead(NamedTuple):
    """A passage, and another that does the same with less."""

    why: str
    file: str
    old: str
    new: str

    def changes(self) -> list[tuple[str, str]]:
        """Return pairs of what is there, exactly once, and what shall be."""
        return [(self.old, self.new)]


def _for_the_first_with_a_colon(file: str, name: str, pattern: str) -> Instead:
    """Put off a pattern that nothing without a colon can match."""
    why = "How an address of IPv6 looks is a long pattern: it is compiled for the first text that has a colon, and hardly any has."
    later = f"class {name}:\n    @staticmethod\n    def match(text):\n        return re.match({pattern}, text) if ':' in text else None\n"
    return Instead(why, file, f"{name} = re.compile({pattern})\n", later)


_HELP = "The texts of a client's methods are written when somebody asks for help()."

CHANGES = (
    Instead(
        "Models are read into plain dicts, which keep their order since Python 3.7: half the time, less memory.",
        "botocore/loaders.py",
        "json.loads(payload, object_pairs_hook=OrderedDict)",
        "json.loads(payload)",
    ),
    Deferred(
        "The writer of botocore's manual is needed to write it.",
        "botocore/docs/__init__.py",
        "from botocore.docs.service import ServiceDocumenter",
        ("    # Create the root directory",),
    ),
    Deferred(_HELP, "botocore/docs/docstring.py", "from botocore.docs.bcdoc.restdoc import DocumentStructure", ("        docstring_structure = Doc",)),
    Deferred(_HELP, "botocore/docs/docstring.py", "from botocore.docs.method import document_model_driven_method", ("        document_model_driven_method(",)),
    Deferred(_HELP, "botocore/docs/docstring.py", "from botocore.docs.paginator import document_paginate_method", ("        document_paginate_method(",)),
    Deferred(_HELP, "botocore/docs/docstring.py", "from botocore.docs.waiter import document_wait_method", ("        document_wait_method(",)),
    Instead(
        "Of 140 hooks each is asked whether it takes further arguments, for which its whole signature is worked out; its code says it, too.",
        "botocore/compat.py",
        "    return inspect.getfullargspec(func)[2]\n",
        "    code = getattr(func, '__code__', None)\n    return code.co_flags & inspect.CO_VARKEYWORDS if code else inspect.getfullargspec(func)[2]\n",
    ),
    Instead(
        "Former names of events are looked for in every event's: most are not in it at all.",
        "botocore/hooks.py",
        "        for old_part, new_part in self._event_aliases.items():\n",
        "        for old_part, new_part in self._event_aliases.items():\n            if old_part not in event_name:\n                continue\n",
    ),
    _for_the_first_with_a_colon("urllib3/util/url.py", "_IPV6_RE", '"^" + _IPV6_PAT + "$"'),
    _for_the_first_with_a_colon("urllib3/util/url.py", "_IPV6_ADDRZ_RE", '"^" + _IPV6_ADDRZ_PAT + "$"'),
    _for_the_first_with_a_colon("urllib3/util/url.py", "_BRACELESS_IPV6_ADDRZ_RE", '"^" + _IPV6_ADDRZ_PAT[2:-2] + "$"'),
    _for_the_first_with_a_colon("botocore/compat.py", "IPV6_ADDRZ_RE", '"^" + IPV6_ADDRZ_PAT + "$"'),
    Instead(
        "The same within another: only what has a bracket can be such an address and a port.",
        "urllib3/util/url.py",
        "_HOST_PORT_RE = re.compile(_HOST_PORT_PAT, ",
        '_HOST_PORT_RE = re.compile(_HOST_PORT_PAT.replace(f"|{_IPV6_ADDRZ_PAT}", ""), ',
    ),
    Instead(
        "Where there is a bracket, the whole of it.",
        "urllib3/util/url.py",
        "_HOST_PORT_RE.fullmatch(host_port)",
        '(re.compile(_HOST_PORT_PAT, re.UNICODE | re.DOTALL) if "[" in host_port else _HOST_PORT_RE).fullmatch(host_port)',
    ),
    Deferred(
        "There is no ~/.aws/config in Lambda.",
        "botocore/configloader.py",
        "import configparser",
        ("        cp = configparser.RawConfigParser()",),
    ),
    Deferred(
        "Versions of packages are looked up by those who switch HTTP/2 on.",
        "urllib3/http2/__init__.py",
        "from importlib.metadata import version",
        ('    h2_version = version("h2")',),
    ),
    Deferred(
        "Correlation ids are looked up by those who ask for them.",
        "aws_lambda_powertools/logging/logger.py",
        "from aws_lambda_powertools.utilities import jmespath_utils",
        ("                self.set_correlation_id(\n                    jmespath_utils.query(",),
    ),
)


def prune(packages: Path) -> None:
    """Make the changes in the folder of packages; raise `SystemExit` if what shall be changed is not there exactly once."""
    for change in CHANGES:
        path = packages / change.file
        text = path.read_text(encoding="utf-8")
        for old, new in change.changes():
            if text.count(old) != 1:
                raise SystemExit(f"{change.file} has changed: {old.strip()!r} should stand there once. See layers/snapback/prune_packages.py.")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    prune(Path(sys.argv[1]))
