"""`make look`: the smaller sister of `make demo`, for what is there before any deployment: a survey of a local account in which a few things are wrong.

Exits 0 only if each of them was found, with a fix that could be made, and nothing was changed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from local.account import REGION, REPOSITORY, LocalAccountError
from local.cli.stack import remediation_of
from local.cli.surveyed import Survey, read
from local.cli.text import table
from local.demo import title
from local.demo_account import DemoAccount
from local.demo_stories import STORIES, Broken, State, Story
from local.survey.subjects import surveyed

OUT = REPOSITORY / ".cache" / "look"

_UNANSWERED = ("block-public-account", "remove-finding-filter")
"""What asks for something that the local account has no answer to, again and again."""


class Look:
    """It, step by step."""

    def __init__(self, account: DemoAccount, started: float) -> None:
        """Take the running account, and when all began."""
        self.account = account
        self.started = started
        self.faults: list[str] = []

    def play(self) -> None:
        """Play all of it."""
        self.say(f"break {len(STORIES)} things")
        broken = [(story, story.make_broken(self.account)) for story in STORIES]
        before = self.states(broken)
        self.say("survey: every remediation looks at everything of its type")
        survey = self.survey()
        self.say("done")
        self.show(survey)
        for story, one in broken:
            name = remediation_of(story.function)
            self.expect(any(found.remediation == name and found.calls for found in survey.findings), f"{name} did not find {one.name}")
        self.expect(self.states(broken) == before, "something was changed")

    def survey(self) -> Survey:
        """Survey the account as a user does; return what was found."""
        for file in [*OUT.glob("lines/*"), *OUT.glob("*.*")]:
            file.unlink()
        command = [sys.executable, "-m", "local.cli", "survey", "--regions", REGION, "--out", str(OUT), "--jobs", "2"]
        command += ["--remediation", *(one.name for one in surveyed() if one.name not in _UNANSWERED)]
        environ = {**self.account.environ, "PYTHONPATH": os.pathsep.join(("layers/snapback", "."))}
        done = subprocess.run(command, cwd=REPOSITORY, env=environ, check=False, capture_output=True, text=True)
        if done.returncode:
            raise LocalAccountError(f"The survey ended with {done.returncode}.\n{done.stderr}")
        return read(str(OUT / "survey.json"))

    def show(self, survey: Survey) -> None:
        """Print what was found, the worst first."""
        title("What is wrong, and what would be called")
        found = sorted(survey.findings, key=lambda one: one.rank)
        rows = [(one.parts["severity"], one.remediation, one.resource, one.operations or "only people can put it right") for one in found]
        for line in table(("SEVERITY", "REMEDIATION", "RESOURCE", "WOULD CALL"), rows):
            print(f"   {line}")
        print(f"\n   The page: {OUT / 'survey.html'}")
        print("   In your account, read only: make survey. With a stack deployed: snapback apply --from survey/survey.json puts it right.")

    def states(self, broken: Sequence[tuple[Story, Broken]]) -> list[State]:
        """Return how the resources are."""
        return [story.describe(self.account, one.name) for story, one in broken]

    def say(self, what: str) -> None:
        """Print a step, with the seconds that have passed."""
        print(f"{time.monotonic() - self.started:5.1f} s  {what}", flush=True)

    def expect(self, fact: bool, otherwise: str) -> None:  # noqa: FBT001 - a fact is true or not
        """Print and remember a fault if the fact is not one."""
        if not fact:
            self.faults.append(otherwise)
            print(f"   FAULT: {otherwise}")


def main() -> int:
    """Play it; return the exit code."""
    started = time.monotonic()
    try:
        print("A survey of a local account, with nothing deployed: no AWS, no Docker, only 127.0.0.1.\n", flush=True)
        with DemoAccount() as account:
            look = Look(account, started)
            look.play()
    except KeyboardInterrupt:
        print("\nStopped. The account and its files are gone.")
        return 130
    except LocalAccountError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    title(
        f"{f'{len(look.faults)} faults. ' if look.faults else ''}{time.monotonic() - started:.0f} seconds in all; nothing was changed, and the account is gone."
    )
    return 1 if look.faults else 0


if __name__ == "__main__":
    sys.exit(main())
