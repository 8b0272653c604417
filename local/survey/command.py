"""`snapback survey`: what was typed, what is told meanwhile, and the exit status."""

import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, NoRegionError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from local.cli.failures import CannotAsk, nearest
from local.cli.text import many, plain
from local.survey import looking, pages, running, subjects
from local.survey.running import Access, Changed, Plan, Progress, Task
from local.survey.template import environment
from snapback.engine import refusals
from snapback.engine.errors import ConfigurationError

Making = Callable[..., Any]
"""Makes a client, as `boto3.Session.client` does."""


def survey(session: boto3.Session, given: Namespace) -> int:
    """Survey the account of the session; return the exit status: 1 if there is what `--fail-on` names, 2 if that is not known.

    Raises `CannotAsk`, and what boto3 raises.
    """
    out = Path(given.out)
    plan = plan_of(session.client, given)
    total = len(running.tasks(plan))
    if not total:
        raise CannotAsk("; ".join(f"nothing can be looked at for {line['remediation']}: {line['because']}" for line in running.left_out(plan)))
    try:
        running.begin(out, plan)
    except Changed as error:
        raise CannotAsk(str(error)) from error
    about = f"{many(len(plan.regions), 'region')}, {many(len(plan.remediations), 'remediation')}"
    print(f"Account {plan.account}, {about}: only read, nothing is changed.", file=sys.stderr)
    stopped: str | None = None
    refused: Mapping[str, str] = {}
    try:
        with telling(total) as progress:
            refused = running.run(out, plan, access_of(session, given, plan.home), jobs=given.jobs, progress=progress)
    except KeyboardInterrupt:
        stopped = "stopped"
    except looking.Ended as error:
        stopped = str(error)

    def lines() -> Iterator[looking.Line]:
        yield from running.lines(out)
        yield from running.left_out(plan)

    figures = pages.write(out, plan, lines, is_whole=stopped is None and not refused)
    said = ", ".join(f"{figures.severities[one]} {one}" for one in pages.SEVERITIES if figures.severities[one])
    calls = ", ".join(f"{service} {number}" for service, number in figures.calls.most_common(8))
    by = f"by {many(figures.calls.total(), 'call')}{f' ({calls})' if calls else ''}"
    print(f"{many(figures.findings, 'finding')}{f' ({said})' if said else ''} about {many(figures.resources, 'resource')}, {by}")
    print(f"{out / 'survey.html'}  {out / 'survey.json'}  {out / 'survey.csv'}")
    for region, why in refused.items():
        print(f"snapback: {region} was not looked at, because {why}", file=sys.stderr)
    if stopped is not None:
        print(f"snapback: {stopped}. What was seen so far stands there; the same command goes on where it was", file=sys.stderr)
        return 130 if stopped == "stopped" else pages.UNKNOWN
    status = figures.status(given.fail_on)
    if status == pages.UNKNOWN:
        print(
            f"snapback: whether anything is {given.fail_on} or worse is not known: see in the page what could not be looked at",
            file=sys.stderr,
        )
    return status


def plan_of(client: Making, given: Namespace) -> Plan:
    """Return what is to be looked at; raise `CannotAsk` if there is no such thing."""
    _, partition, _, _, account, _ = (client("sts").get_caller_identity())["Arn"].split(":", 5)
    try:
        settings = environment(dict(map(pair, given.set or [])), account=account, partition=partition)
    except ConfigurationError as error:
        raise CannotAsk(str(error)) from error
    return Plan(
        account,
        partition,
        regions_of(client, given.regions, partition),
        names(given.remediation, given.service, {one.name: one.service for one in subjects.surveyed()}),
        settings,
        given.owner_tag or "",
    )


def pair(said: str) -> tuple[str, str]:
    """Return what `--set` says; raise `CannotAsk` if it is no pair."""
    name, is_there, value = said.partition("=")
    if not is_there:
        raise CannotAsk(f"--set takes NAME=VALUE, such as TrustedAccounts=111122223333, not {plain(said, 80)}")
    return name, value


def regions_of(client: Making, said: str, partition: str) -> list[str]:
    """Return the regions that are named, or all that are on in the account. Raises `CannotAsk` for one that is not there, or not on.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
    """
    if said and said != "all":
        named = list(dict.fromkeys(one.strip() for one in said.split(",") if one.strip()))
        _check_regions(client, named, partition)
        return named
    if not said:
        return [client("ec2").meta.region_name]
    return sorted(one["RegionName"] for one in _ec2(client, partition).describe_regions()["Regions"])


def _ec2(client: Making, partition: str) -> Any:  # noqa: ANN401 - any of its answers
    """Return the client that knows the regions: of the home region, where nobody has named another."""
    try:
        return client("ec2")
    except NoRegionError:
        return client("ec2", region_name=running.HOMES[partition])


def _check_regions(client: Making, named: Sequence[str], partition: str) -> None:
    """Check that they are there: of a name that is misspelt each service would be looked for in vain, one after the other."""
    if not named:
        raise CannotAsk("--regions takes names with commas between them, such as eu-central-1,us-east-1, or all")
    try:
        there = {one["RegionName"]: one.get("OptInStatus", "") for one in _ec2(client, partition).describe_regions(AllRegions=True)["Regions"]}
    except ClientError as error:
        if not refusals.is_refused(error):
            raise
        return  # who may not ask hears of it from what is looked at there
    for one in named:
        if one not in there:
            raise CannotAsk(f"there is no region {plain(one, 80)}{nearest(one, there)}")
        if there[one] == "not-opted-in":
            raise CannotAsk(f"the region {one} is not switched on in this account: there is nothing to look at")


def names(remediations: Sequence[str] | None, services: Sequence[str] | None, known: Mapping[str, str]) -> list[str]:
    """Return the remediations that are meant. `known`: remediation -> its service. Raises `CannotAsk` for one that is not there, or if nothing is left."""
    wanted = [re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", one).replace("_", "-").lower() for one in remediations or known]
    for given, there in ((wanted, known), (services or [], known.values())):
        for one in given:
            if one not in there:
                raise CannotAsk(f"there is nothing to look at by the name of {plain(one, 80)}{nearest(one, set(there))}")
    meant = sorted(one for one in wanted if not services or known[one] in services)
    if not meant:
        theirs = ", ".join(f"{one} is of {known[one]}" for one in wanted)
        raise CannotAsk(f"--remediation and --service leave nothing: {theirs}")
    return meant


def access_of(session: boto3.Session, given: Namespace, home: str) -> Access:
    """Return how the other processes come to credentials: by the profile, or with the keys where a person has typed a code for them.

    `home` is the region that is asked about them where nobody has named another.
    """
    region = session.region_name or home
    config: Mapping[str, Any] = session._session.get_scoped_config()  # noqa: SLF001 - boto3 does not say it otherwise
    credentials = session.get_credentials() if "mfa_serial" in config else None
    keys: Any = credentials.get_frozen_credentials() if credentials else None
    return Access(keys=tuple(keys[:3]), region=region) if keys else Access(given.profile, region=region)


@contextmanager
def telling(total: int, what: str = "survey") -> Iterator[Progress]:
    """Tell how far it is: by a bar on a terminal, else by a line for each task."""
    console = Console(stderr=True)
    if not console.is_terminal:
        said = 0

        def line(done: int, _: int, task: Task) -> None:
            nonlocal said
            if done != said:  # in between nothing is done
                print(f"{done}/{total} {task.region} {task.group}", file=sys.stderr, flush=True)
            said = done

        yield line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        one = bar.add_task(what, total=total)

        def told(done: int, _: int, task: Task) -> None:
            bar.update(one, completed=done, description=f"{task.region} {task.group}")

        yield told
