"""`make invoke NAME=… [EVENT=…]`: run one function in a local account, with a sample event.

Where the demo has a story for the function, a broken resource is made first and put into the event in the sample's place, so that the fix can be seen.
"""

import json
import re
import sys
import time
from difflib import get_close_matches
from pathlib import Path

from local.account import REPOSITORY, LocalAccountError
from local.demo import show
from local.demo_account import DemoAccount
from local.demo_stories import FURTHER_STORIES, STORIES, live
from local.remediations import REMEDIATIONS, SEVERAL, function_of, logical_id

_FILES = {logical_id(file.stem): file for file in (*REMEDIATIONS, *SEVERAL)}
"""Remediation, or function of several -> its file."""

SAMPLES = {name: REPOSITORY / "events" / file.parent.name / f"{file.stem}.json" for name, file in _FILES.items()}
"""The same -> its sample event."""


def invoke(name: str, sample: Path) -> None:
    """Invoke the function in an account of its own; print its answer and what has become of the resource."""
    text = sample.read_text()
    story = next((story for story in (*STORIES, *FURTHER_STORIES) if story.function == name), None)
    started = time.monotonic()
    with DemoAccount() as account:
        account.deploy(lambda step: print(f"{time.monotonic() - started:5.1f} s  {step}", flush=True))
        event = json.loads(text)
        if story:
            broken = story.make_broken(account)
            before = story.describe(account, broken.name)
            event = live(text, broken)
        print(f"{time.monotonic() - started:5.1f} s  invoke {name} with {sample}\n", flush=True)
        file = _FILES[name]
        print(json.dumps(account.invoke(function_of(file.parent.name, file.stem).logical_id, event), indent=2))
        if story:
            print()
            show(before, story.describe(account, broken.name))


def function_named(given: str) -> str:
    """Return the function's name for any of its spellings: `BlockPublicBucket`, `block-public-bucket`, `block_public_bucket`."""
    return given if given in SAMPLES else "".join(word[:1].upper() + word[1:] for word in re.split("[-_]", given))


def main(arguments: list[str]) -> int:
    """Read the arguments and invoke; return the exit code."""
    given, *rest = arguments or [""]
    name = function_named(given)
    if name not in SAMPLES:
        near = get_close_matches(name, SAMPLES, 3, cutoff=0.5)
        print(f"There is no function {given or 'without a name'}. {' or '.join(near) if near else ', '.join(SAMPLES)}? make invoke NAME=...", file=sys.stderr)
        return 2
    sample = Path(rest[0]) if rest else SAMPLES[name]
    try:
        json.loads(sample.read_text())
    except (OSError, ValueError) as error:
        print(f"{sample} is no event: {error}", file=sys.stderr)
        return 2
    try:
        invoke(name, sample)
    except KeyboardInterrupt:
        return 130
    except LocalAccountError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
