"""`make demo`: break things in a local account, and watch them snap back.

Exits 0 only if every problem was put right, everything beside it stayed as it was, nothing was done or told twice, and a fix could be taken back.
"""

import sys
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from local.account import REPOSITORY, LocalAccountError
from local.cli.stack import Stack
from local.demo_account import STACK, Alert, DemoAccount
from local.demo_stories import GONE, STORIES, Broken, State, Story, live
from local.report import AlertRow, Change, page_of, render

REPORT = REPOSITORY / ".cache" / "demo-report.html"


@dataclass
class Scene:
    """A story that is being played."""

    story: Story
    broken: Broken
    event: Mapping[str, Any]
    before: State
    after: State = field(default_factory=dict)
    alert: Alert | None = None


class Play(ABC):
    """What is shown step by step in a local account."""

    opening: ClassVar[str]
    """What it is, in a sentence."""

    def __init__(self, account: DemoAccount, started: float) -> None:
        """Take the running account, and when all began."""
        self.account = account
        self.started = started
        self.faults: list[str] = []

    @abstractmethod
    def play(self) -> None:
        """Play all of it."""

    @abstractmethod
    def verdict(self, seconds: float) -> str:
        """Return how it went, and how long it took."""

    def say(self, what: str) -> None:
        """Print a step, with the seconds that have passed."""
        print(f"{time.monotonic() - self.started:5.1f} s  {what}", flush=True)

    def expect(self, fact: bool, otherwise: str) -> None:  # noqa: FBT001 - a fact is true or not
        """Print and remember a fault if the fact is not one."""
        if not fact:
            self.faults.append(otherwise)
            print(f"   FAULT: {otherwise}")


class Demo(Play):
    """The demo, step by step."""

    opening = "Snapback's own template in a local account"
    heard: list[Alert]
    """The alerts that tell of what was broken."""

    def play(self) -> None:
        """Play all of it."""
        self.say(f"the account is up at {self.account.endpoint_url}")
        self.account.deploy(self.say)
        self.say("break things")
        scenes = [self.break_something(story) for story in STORIES]
        self.snap_back(scenes)
        self.show_alerts(scenes)
        self.send_again(scenes)
        self.take_back(scenes[0])
        self.write_report(scenes)

    def verdict(self, seconds: float) -> str:
        """Return whether all of it snapped back."""
        verdict = f"{len(self.faults)} faults: {'; '.join(self.faults)}" if self.faults else "Everything was put right, and nothing else was touched."
        return f"{verdict} {seconds:.0f} seconds in all; the account and its files are gone."

    def break_something(self, story: Story) -> Scene:
        """Make the broken resource of a story and the event that tells of it."""
        broken = story.make_broken(self.account)
        event = live((REPOSITORY / "events" / story.event).read_text(), broken)
        return Scene(story, broken, event, story.describe(self.account, broken.name))

    def snap_back(self, scenes: Sequence[Scene]) -> None:
        """Send the events as AWS would, and show what has become of the resources."""
        self.say("send the events to EventBridge and wait")
        sent = time.time()
        self.account.deliver(*(scene.event for scene in scenes))
        self.heard = self.account.alerts(len(scenes))
        alerts = {alert.facts["resource"]["name"]: alert for alert in self.heard}
        for number, scene in enumerate(scenes, 1):
            scene.after = scene.story.describe(self.account, scene.broken.name)
            scene.alert = alerts.get(scene.broken.name)
            title(f"{number}. {scene.story.problem}")
            print(f"   {scene.broken.name}, told of by {scene.event['source']}: {trigger_of(scene.event)}\n")
            show(scene.before, scene.after)
            self.expect(scene.after == scene.story.should_be(scene.before), f"{scene.broken.name} is not as it should be")
            self.expect(scene.alert is not None and scene.alert.facts["outcome"] == "FIXED", f"nobody was told that {scene.broken.name} was fixed")
            if scene.alert:
                calls = ", ".join(f"{call['service']}.{call['operation']}" for call in scene.alert.facts["calls"])
                print(f"\n   {scene.alert.facts['outcome']} by {calls}; the alert was there {scene.alert.at - sent:.1f} s after the event")

    def show_alerts(self, scenes: Sequence[Scene]) -> None:
        """Show what the subscribers of the topic got."""
        title("What people hear")
        for scene in scenes:
            if scene.alert:
                print(f"   {scene.alert.subject}")
        text = next((email for email in self.account.emails() if scenes[0].broken.name in email), "")
        self.expect(bool(text), "no e-mail text was published")
        print("\n   The first of them as an e-mail, in full:\n")
        print("\n".join(f"   | {line}".rstrip() for line in text.splitlines()))

    def send_again(self, scenes: Sequence[Scene]) -> None:
        """Send the same events a second time: nothing may be done or told."""
        title("The same events again")
        sent = time.time()
        outcomes = self.account.deliver(*(scene.event for scene in scenes))
        calls = self.account.calls(sent)
        for outcome in outcomes:
            print(f"   {outcome['outcome']:<11} {outcome['remediation']} {outcome['resource']}")
        writes = [str(call) for call in calls if not call.is_read]
        looks = len(calls) - len(writes)
        second = self.account.alerts(0)
        print(f"\n   {len(second)} alerts, {len(writes)} writes; the functions only looked ({looks} calls, says the account's CloudTrail)")
        self.expect(bool(calls), "CloudTrail shows no call at all")
        self.expect(all(outcome["outcome"] == "ALREADY_OK" for outcome in outcomes), "the same events did not end as ALREADY_OK")
        self.expect(not writes, f"the same events led to writes: {writes}")
        self.expect(not second, "people were told a second time")

    def take_back(self, scene: Scene) -> None:
        """Do what the undo command of an alert does, then let the problem be heard of again: it has to be left alone now."""
        title("Take the first fix back")
        if not scene.alert:
            return
        command = scene.alert.facts["commands"]["undo"].replace("WHY", "the vendor needs it until Friday")
        print(f"   $ {command}\n")
        answer = self.account.obey(command)
        back = scene.story.describe(self.account, scene.broken.name)
        show(scene.after, back)
        self.expect(answer["outcome"] == "UNDONE" and back == scene.before, f"{scene.broken.name} is not as it was before the fix")
        print(f"\n   {answer['outcome']}: {answer['reason']}")
        self.heard += self.account.alerts(1)
        print(f"   {self.heard[-1].subject}")
        outcome = scene.story.outcome(self.account.deliver({**scene.event, "id": str(uuid.uuid4())}))
        print(f"\n   Then another event comes: {outcome['outcome']}, {outcome.get('reason')}")
        left = scene.story.describe(self.account, scene.broken.name)
        self.expect(outcome["outcome"] == "EXEMPT" and left == scene.before, f"{scene.broken.name} was not left alone after the undo")

    def write_report(self, scenes: Sequence[Scene]) -> None:
        """Write all of it as a page, from the journal."""
        title("The journal as a page")
        changes = [Change(f"{scene.story.problem}: {scene.broken.name}", scene.before, scene.after) for scene in scenes]
        alerts = [AlertRow(alert.at, alert.subject, alert.facts["severity"], alert.facts["needs_person"]) for alert in self.heard]
        note = "Written by make demo, in a local account that is gone now: the commands show what yours will look like."
        page = page_of(Stack(self.account.client, STACK), note=note, changes=changes, alerts=alerts)
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(render(page))
        print(f"   {REPORT}")


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n", flush=True)


def trigger_of(event: Mapping[str, Any]) -> str:
    """Return what an event says happened."""
    detail = event["detail"]
    return str(detail.get("eventName") or detail.get("configRuleName") or detail.get("type") or event["detail-type"])


def show(before: State, after: State) -> None:
    """Print each part of a resource: as it was, and as it is."""
    parts = list({**before, **after})
    width = max(len(part) for part in parts)
    for part in parts:
        was, now = before.get(part, GONE), after.get(part, GONE)
        print(f"   {part:<{width}}  {was}  (unchanged)" if was == now else f"   {part:<{width}}  {was}  ->  {now}")


def played(kind: type[Play]) -> int:
    """Play it in a local account of its own; return the exit code."""
    started = time.monotonic()
    try:
        print(f"{kind.opening}: no AWS, no Docker, only 127.0.0.1.\n", flush=True)
        with DemoAccount() as account:
            play = kind(account, started)
            play.play()
    except KeyboardInterrupt:
        print("\nStopped. The account and its files are gone.")
        return 130
    except LocalAccountError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    title(play.verdict(time.monotonic() - started))
    return 1 if play.faults else 0


if __name__ == "__main__":
    sys.exit(played(Demo))
