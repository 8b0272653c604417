"""`make invoke NAME=… [EVENT=…]`: run one function in a local account, with a sample event.

Where the demo has a story for the function, a broken resource is made first and put into the event in the sample's place, so that the fix can be seen.
"""

import json
import sys
import time
from pathlib import Path

from local.account import REPOSITORY, LocalAccountError
from local.demo import show
from local.demo_account import DemoAccount
from local.demo_stories import FURTHER_STORIES, STORIES, live
from local.remediations import REMEDIATIONS

SAMPLES = {"".join(word.capitalize() for word in file.stem.split("_")): REPOSITORY / "events" / file.parent.name / f"{file.stem}.json" for file in REMEDIATIONS}
"""Function -> its sample event."""


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
        print(json.dumps(account.invoke(name, event), indent=2))
        if story:
            print()
            show(before, story.describe(account, broken.name))


def main(arguments: list[str]) -> int:
    """Read the arguments and invoke; return the exit code."""
    name, *rest = arguments or [""]
    if name not in SAMPLES:
        print(f"Which function? make invoke NAME={' | '.join(SAMPLES)}", file=sys.stderr)
        return 2
    sample = Path(rest[0]) if rest else SAMPLES[name]
    if not sample.is_file():
        print(f"There is no event {sample}.", file=sys.stderr)
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
