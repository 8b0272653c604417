"""`make look`: the smaller sister of `make demo`, for what is there before any deployment.

A survey of a local account in which a few things are wrong, and a replay of how they came to be so. The local account keeps no event history of a month, so
the past is a trail of a few files, made of the sample events that tell of these things.
Exits 0 only if each thing was found, with a fix that could be made, each change was heard, and nothing was changed.
"""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from local.account import REGION, REPOSITORY, LocalAccountError
from local.cli.stack import remediation_of
from local.cli.surveyed import Survey, read
from local.cli.text import table
from local.demo import Play, played, title
from local.demo_stories import STORIES, Broken, State, Story, live
from local.survey.subjects import surveyed

OUT = REPOSITORY / ".cache" / "look"
TRAIL, REPLAY = OUT / "trail", OUT / "replay"

_TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.0"
_DAYS_AGO = (28, 21, 14, 7, 3, 1)
"""When each thing was changed: by Terraform, and the last time by whoever the sample names."""

_UNANSWERED = ("block-public-account", "remove-finding-filter")
"""What asks for something that the local account has no answer to, again and again."""


class Look(Play):
    """It, step by step."""

    opening = "A survey and a replay of a local account, with nothing deployed"

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
        self.say("replay: the trail's events against the template's rules")
        heard = write_trail(broken)
        replay = self.replay()
        self.say("done")
        self.show_replay(replay)
        self.expect(heard <= {one["remediation"] for one in replay["remediations"]}, "not every change was heard")
        self.expect(not replay["unread"] and bool(replay["fights"]), "not all of the trail was read")
        self.expect(self.states(broken) == before, "something was changed")

    def verdict(self, seconds: float) -> str:
        """Return whether all of it was found."""
        faults = f"{len(self.faults)} faults. " if self.faults else ""
        return f"{faults}{seconds:.0f} seconds in all; nothing was changed, and the account is gone."

    def survey(self) -> Survey:
        """Survey the account as a user does; return what was found."""
        for file in [*OUT.glob("lines/*"), *OUT.glob("*.*"), *TRAIL.glob("*"), *REPLAY.glob("*.*")]:
            file.unlink()
        names = [one.name for one in surveyed() if one.name not in _UNANSWERED]
        self._give("survey", "--regions", REGION, "--out", str(OUT), "--jobs", "2", "--remediation", *names)
        return read(str(OUT / "survey.json"))

    def replay(self) -> Mapping[str, Any]:
        """Replay the trail as a user does; return what is told of it."""
        self._give("replay", "--trail", str(TRAIL), "--out", str(REPLAY))
        found: Mapping[str, Any] = json.loads((REPLAY / "replay.json").read_text())
        return found

    def _give(self, *command: str) -> None:
        environ = {**self.account.environ, "PYTHONPATH": os.pathsep.join(("layers/snapback", "."))}
        given = [sys.executable, "-m", "local.cli", *command]
        done = subprocess.run(given, cwd=REPOSITORY, env=environ, check=False, capture_output=True, text=True)
        if done.returncode:
            raise LocalAccountError(f"The {command[0]} ended with {done.returncode}.\n{done.stderr}")

    def show(self, survey: Survey) -> None:
        """Print what was found, the worst first."""
        title("What is wrong, and what would be called")
        found = sorted(survey.findings, key=lambda one: one.rank)
        rows = [(one.parts["severity"], one.remediation, one.resource, one.operations or "only people can put it right") for one in found]
        for line in table(("SEVERITY", "REMEDIATION", "RESOURCE", "WOULD CALL"), rows):
            print(f"   {line}")
        print(f"\n   The page: {OUT / 'survey.html'}")
        print("   In your account, read only: make survey. With a stack deployed: snapback apply --from survey/survey.json puts it right.")

    def show_replay(self, replay: Mapping[str, Any]) -> None:
        """Print what would have happened."""
        title("What would have happened within a month")
        heads = ("REMEDIATION", "CALLS", "BY PIPELINES", "MESSAGES, AT MOST", "WRONG TODAY")
        rows = [tuple(one[part] for part in ("remediation", "called", "by_pipelines", "messages_at_most", "wrong_today")) for one in replay["remediations"]]
        for line in table(heads, [tuple(map(str, row)) for row in rows]):
            print(f"   {line}")
        print(f"\n   The page: {REPLAY / 'replay.html'}")
        print("   With your account's own past, of 90 days, read only: make replay")

    def states(self, broken: Sequence[tuple[Story, Broken]]) -> list[State]:
        """Return how the resources are."""
        return [story.describe(self.account, one.name) for story, one in broken]


def write_trail(broken: Sequence[tuple[Story, Broken]]) -> set[str]:
    """Write the trail that tells how the things came to be as they are; return the remediations that hear of it."""
    TRAIL.mkdir(parents=True, exist_ok=True)
    heard = set()
    for story, one in broken:
        event = live((REPOSITORY / "events" / story.event).read_text(), one)
        if "via CloudTrail" not in event["detail-type"]:
            continue
        heard.add(remediation_of(story.function))
        records = []
        for days in _DAYS_AGO:
            at = datetime.now(UTC) - timedelta(days=days)
            who = {} if days == _DAYS_AGO[-1] else {"userAgent": _TERRAFORM}
            ids = {"eventID": str(uuid5(NAMESPACE_OID, f"{one.name} {days}")), "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
            records.append({**event["detail"], **ids, **who})
        (TRAIL / f"{remediation_of(story.function)}.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return heard


if __name__ == "__main__":
    sys.exit(played(Look))
