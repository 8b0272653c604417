"""A whole survey: all regions, a process for each service of a region, taken up again where it was left, and written down as it goes.

DIR/plan.json      of which account, by which settings, what is looked at: another survey does not go on in the same directory
DIR/lines/*.jsonl  a file for each region and service: every line as it came, and one for each type of resource that is done
"""

import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from os import environ
from pathlib import Path
from typing import Any, Final, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local import private
from local.cli.failures import sentence
from local.survey import looking, subjects
from local.survey.looking import Line, Place
from local.survey.reading import Reader
from snapback.engine import severities

HOMES: Final[Mapping[str, str]] = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""Partition -> the region in which its global services are looked at, as IsHomeRegion in the template has it."""

_MOMENT: Final = 0.5
"""Seconds between two looks at how far the others are."""


@dataclass(frozen=True)
class Plan:
    """What is looked at, where, and by which settings."""

    account: str
    partition: str
    regions: Sequence[str]
    remediations: Sequence[str]
    settings: Mapping[str, str]
    owner_tag: str = ""

    @property
    def home(self) -> str:
        """Return the region in which global services are looked at: the partition's own, whether it is asked for or not; of an unknown partition, the first."""
        return HOMES.get(self.partition, self.regions[0])


@dataclass(frozen=True)
class Access:
    """How a process of the survey comes to credentials; nothing of it is written down."""

    profile: str | None = None
    keys: tuple[str, str, str | None] | None = field(default=None, repr=False)
    """Those that a person's code was needed for: no other process can ask for it."""
    region: str | None = None
    """Where AWS has known them."""

    def credentials(self) -> Any:  # noqa: ANN401 - botocore's, or the keys
        """Return what a `Reader` takes."""
        if self.keys:
            return dict(zip(("access_key", "secret_key", "token"), self.keys, strict=True))
        return boto3.Session(profile_name=self.profile).get_credentials()

    def check(self) -> None:
        """Raise `looking.Ended` if AWS does not know them any more, or cannot be reached."""
        try:
            Reader(self.credentials(), self.region).ask_who_asks()
        except (ClientError, BotoCoreError) as error:
            raise looking.Ended(sentence(error)) from error


class Task(NamedTuple):
    """What one process does at a time: a service in a region."""

    region: str
    group: str


class Changed(Exception):  # noqa: N818 - reads as what it is
    """The directory holds another survey."""


def begin(out: Path, plan: Plan) -> None:
    """Begin, or take up, the survey in that directory; raise `Changed` if another one was begun there."""
    written = json.dumps(asdict(plan), indent=1, sort_keys=True)
    file = out / "plan.json"
    private.directory(private.directory(out) / "lines")
    if file.exists() and file.read_text() != written:
        raise Changed(f"{out} holds a survey of another account, of other regions or by other settings: name another directory with --out, or delete it")
    private.file(file).write_text(written)


def tasks(plan: Plan) -> list[Task]:
    """Return all that there is to do."""
    return [Task(region, group) for region in plan.regions for group in dict.fromkeys(one.group for one in _subjects(plan, region))]


def _subjects(plan: Plan, region: str) -> list[subjects.Subject]:
    return list(subjects.subjects(plan.remediations, is_home=region == plan.home))


def left_out(plan: Plan) -> Iterator[Line]:
    """Yield a line for each remediation that looks at nothing in this survey: what needs an event or a memory, and what is elsewhere, which hides something."""
    for one in subjects.surveyed():
        if one.name in plan.remediations:
            if because := subjects.why_not(one):
                yield looking.unseen(remediation=one.name, because=because)
            elif one.is_global and plan.home not in plan.regions:
                because = f"it is about what there is once, which is looked at in {plan.home} alone, and that is not among --regions"
                yield looking.unseen(remediation=one.name, because=because, hides=(one.remediation.severity,))


def _file(out: Path, task: Task) -> Path:
    return out / "lines" / f"{task.region}.{task.group}.jsonl"


def lines(out: Path) -> Iterator[Line]:
    """Yield all lines that were written, one after the other."""
    for file in sorted((out / "lines").glob("*.jsonl")):
        with file.open(encoding="utf-8", errors="replace") as written:
            for line in written:
                said = _read(line)
                if said is None:
                    break
                yield said


def _read(line: str) -> Line | None:
    """Return the line; None for one that nobody has written so: whoever wrote it was stopped in the middle, or the file is damaged from there on."""
    try:
        said = json.loads(line) if line.endswith("\n") else None
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _take_up(file: Path) -> set[str]:
    """Cut the file behind the last subject that was done; return all that were."""
    if not file.exists():
        return set()
    done, end, at = set(), 0, 0
    with file.open("rb") as written:
        for line in written:
            at += len(line)
            said = _read(line.decode(errors="replace"))
            if said is None:
                break
            if said["kind"] == looking.DONE:
                done.add(said["subject"])
                end = at
    with file.open("r+b") as cut:
        cut.truncate(end)
    return done


def work(  # noqa: PLR0913 - what is to be done, with what, and how others hear of it
    out: Path, plan: Plan, task: Task, reader: Reader, *, proceed: Callable[[], bool] = lambda: True, begun: Callable[[], object] = lambda: None
) -> None:
    """Look at all of a service in a region that was not looked at yet. `begun` hears of each resource whose turn comes."""
    environ.update(plan.settings)
    file = _file(out, task)
    done = _take_up(file)

    def turn() -> bool:
        begun()
        return proceed()

    with file.open("a", encoding="utf-8") as written:
        for subject in _subjects(plan, task.region):
            if subject.group == task.group and subject.key not in done and proceed():
                for line in looking.look(subject, Place(plan.account, task.region), reader, owner_tag=plan.owner_tag, proceed=turn):
                    written.write(json.dumps(line, default=str) + "\n")
                    written.flush()


Progress = Callable[[int, int, Task], None]
"""Hears how many tasks are done, of how many, and which was the last; in between, how many resources were looked at: one service may have thousands."""


class _Unknowing:
    """The regions in which nothing can be asked: each is a line, in a file of its own, and is asked again by the next run."""

    def __init__(self, out: Path, plan: Plan, access: Access) -> None:
        self.regions: dict[str, str] = {}
        self._files = {region: out / "lines" / f"{region}.jsonl" for region in plan.regions}
        self._access = access
        for file in self._files.values():
            file.unlink(missing_ok=True)

    def add(self, region: str, error: looking.EndedHere) -> None:
        """Note that region. Raises `looking.Ended` if nobody knows the credentials any more, or if it was the last of all regions."""
        if region in self.regions:
            return
        self._access.check()
        line = looking.unseen(region=region, because=str(error), hides=tuple(severities.SCORES))
        self.regions[region] = line["because"]
        private.file(self._files[region]).write_text(json.dumps(line) + "\n")
        if self.regions.keys() == self._files.keys():
            raise looking.Ended(f"{' and '.join(self.regions)} could not be looked at, because {line['because']}")


def run(out: Path, plan: Plan, access: Access, *, jobs: int, progress: Progress) -> Mapping[str, str]:
    """Do all that is left to do; return the regions that could not be looked at, and why.

    Raises `looking.Ended` if the credentials have expired, or if no region knows them; what was written stays, and is taken up by the next run.
    """
    left, unknowing = tasks(plan), _Unknowing(out, plan, access)
    if jobs == 1:
        readers: dict[str, Reader] = {}
        for number, task in enumerate(left, 1):
            if task.region not in readers:
                readers = {task.region: Reader(access.credentials(), task.region)}
            if task.region not in unknowing.regions:
                try:
                    work(out, plan, task, readers[task.region])
                except looking.EndedHere as error:
                    unknowing.add(task.region, error)
            progress(number, len(left), task)
        return unknowing.regions
    context = get_context("spawn")  # a process of its own from the beginning: clients and their connections are not to be shared
    stop, seen = context.Event(), context.Value("Q", 0)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(stop, access, seen))
    try:
        with left_to_the_first_process():
            waiting = {pool.submit(_work, out, plan, task): task for task in left}
        _follow(waiting, progress, seen, unknowing)
    except BrokenProcessPool as error:
        raise looking.Ended("one of its processes was ended from outside: is there enough memory? --jobs says how many there are") from error
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
    return unknowing.regions


def _follow(waiting: dict[Future[None], Task], progress: Progress, seen: Any, unknowing: _Unknowing) -> None:  # noqa: ANN401 - multiprocessing's number
    total, task = len(waiting), Task("", "")
    while waiting:
        ended, _ = wait(waiting, timeout=_MOMENT, return_when=FIRST_COMPLETED)
        for one in ended:
            task = waiting.pop(one)
            try:
                if not one.cancelled():
                    one.result()
            except looking.EndedHere as error:
                unknowing.add(task.region, error)
                for other in [other for other, its in waiting.items() if its.region == task.region]:
                    other.cancel()
            progress(total - len(waiting), total, task)
        if seen.value and waiting:
            progress(total - len(waiting), total, task._replace(group=f"{task.group} ({seen.value} resources so far)".strip()))


@contextmanager
def left_to_the_first_process() -> Iterator[None]:
    """Let processes that begin in the block ignore Ctrl-C from their first moment: the first one hears it, and says what is to become of the others."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


_process: dict[str, Any] = {}
"""What this process of the survey has: its readers, and how it hears that it is to stop."""


def _start(stop: Any, access: Access, seen: Any) -> None:  # noqa: ANN401 - multiprocessing's event and number
    _process.update(stop=stop, access=access, seen=seen, region="")


def _work(out: Path, plan: Plan, task: Task) -> None:
    if _process["region"] != task.region:
        _process.update(region=task.region, reader=Reader(_process["access"].credentials(), task.region))
    work(out, plan, task, _process["reader"], proceed=lambda: not _process["stop"].is_set(), begun=_count)


def _count() -> None:
    with _process["seen"].get_lock():
        _process["seen"].value += 1
