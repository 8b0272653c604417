"""What can be typed."""

import argparse
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn

from snapback.engine.errors import CommandError
from snapback.engine.exemptions import from_now
from snapback.engine.modes import WORDS
from snapback.engine.outcomes import Outcome

from .text import plain

_MOST_JOBS = 61
"""As many processes as Python takes on each system."""

_MOST_DAYS = 10_000
"""There was no CloudTrail before."""

EXIT = """exit status: 0 done, or all is well; 1 refused, not put right, or not all is well; 2 it could not be asked"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest right word."""

    def error(self, message: str) -> NoReturn:
        """End with one line."""
        found = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        near = get_close_matches(found[1], re.findall(r"[\w-]+", found[2]), n=1, cutoff=0.4) if found else []
        hint = f": do you mean {near[0]}?" if near else ""
        self.exit(2, f"snapback: {plain(message)}{hint} (snapback --help)\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser; `arguments.command` is the command's name."""
    whole = _Parser(prog="snapback", description="See what Snapback did and what waits for a person, and answer it.", epilog=EXIT)
    _everywhere(whole, top=True)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, says: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=says, description=says, epilog=EXIT)
        _everywhere(one, top=False)
        return one

    listed = command("list", "What was told lately, and what waits for a person")
    listed.add_argument("--remediation", metavar="NAME", help="of one remediation only")
    listed.add_argument("--outcome", metavar="WORD", type=outcome_of, help="of one outcome only, WOULD_FIX say")
    listed.add_argument("--hours", type=_hours, help="of so many hours (24); with --waiting, of all that is kept")
    listed.add_argument("--waiting", action="store_true", help="only what waits for a person")

    command("show", "All that the journal has of one id").add_argument("id", metavar="ID", help="sb-..., as in the alert")
    _apply(command("apply", "Make exactly the calls that a preview (WOULD_FIX) or a survey showed, if the resource is still as shown"))
    retry = command("retry", "Look again at what could not be put right, and handle it")
    retry.add_argument("id", metavar="ID", help="sb-..., as in the alert")
    _by(retry)
    undo = command("undo", "Take a fix back exactly, and exempt the resource for some days")
    undo.add_argument("id", metavar="ID", help="sb-..., as in the alert")
    undo.add_argument("--reason", required=True, help="why; it is told to everybody")
    _by(undo)

    exempt = command("exempt", "Leave a resource alone until a date")
    exempt.add_argument("resource", metavar="RESOURCE", help="its name, the beginning of names and a *, or an id sb-...")
    _of(exempt)
    until = exempt.add_mutually_exclusive_group(required=True)
    until.add_argument("--for", dest="period", metavar="7d", type=_period, help="for so long: 12h, 7d, 4w; a year at most")
    until.add_argument("--until", metavar="DATE", help="until then: 2027-01-31, or 2027-01-31T12:00:00Z")
    exempt.add_argument("--reason", required=True, help="why; it is told to everybody")
    exempt.add_argument("--owner", help="who answers for it (you)")
    _by(exempt)
    ended = command("unexempt", "End an exemption now")
    ended.add_argument("resource", metavar="RESOURCE", help="as it was granted")
    _of(ended)
    _by(ended)

    _accept_and_silence(command)

    release = command("release", "Go on with what is HELD or CONTESTED, and with all else that the remediation holds")
    release.add_argument("resource", metavar="RESOURCE")
    _of(release)
    _by(release)

    mode = command("mode", "Show which modes were chosen, or choose one")
    mode.add_argument("remediation", nargs="?", metavar="REMEDIATION")
    mode.add_argument("mode", nargs="?", metavar="MODE", help=", ".join(WORDS))
    _by(mode)

    _survey(command("survey", "What is wrong in the account now, with nothing deployed: read only, by your own credentials (docs/survey.md)"))

    _replay(command("replay", "What Snapback would have made of the account's own past, with nothing deployed: read only (docs/replay.md)"))

    command("status", "Whether all is well: alarms, canary, dead letters, queue, modes")
    return whole


def _apply(one: argparse.ArgumentParser) -> None:
    one.add_argument("id", nargs="?", metavar="ID", help="sb-..., as in the alert")
    one.add_argument(
        "--from", dest="survey", metavar="FILE", help="what a survey has found, of its survey.json, in the stack's region; chosen by the following"
    )
    for part, says in (
        ("remediation", "what these remediations have found"),
        ("severity", "what is so severe"),
        ("service", "what is of these services"),
        ("owner", "what these own"),
        ("class", "safe or disruptive"),
    ):
        one.add_argument(f"--{part}", dest=f"of_{part}", metavar="WORD", nargs="+", help=says)
    one.add_argument("--resource", metavar="NAME", nargs="+", help="these resources, by name or ARN, or the beginning of names and a *")
    one.add_argument("--all", action="store_true", help="all that the survey has found")
    one.add_argument("--yes", action="store_true", help="without asking whether you agree: for programs")
    _by(one)


def _accept_and_silence(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    accept = command("accept", "Remember a resource as it is now, or forget what is gone: what was changed is meant so")
    accept.add_argument("resource", metavar="RESOURCE", help="its name, or an id sb-...")
    _of(accept)
    accept.add_argument("--reason", required=True, help="why; it is told to everybody")
    _by(accept)

    silence = command("silence", "Hear no more of a finding, or of findings of a type, until a date; what is done about them is done still")
    silence.add_argument("finding", metavar="FINDING", help="its type (UnauthorizedAccess:EC2/SSHBruteForce), or its id")
    quiet = silence.add_mutually_exclusive_group(required=True)
    quiet.add_argument("--for", dest="period", metavar="7d", type=_period, help="for so long: 12h, 7d, 4w; a year at most")
    quiet.add_argument("--until", metavar="DATE", help="until then: 2027-01-31, or 2027-01-31T12:00:00Z")
    silence.add_argument("--reason", required=True, help="why; it is told to everybody")
    silence.add_argument("--owner", help="who answers for it (you)")
    heard = command("unsilence", "Hear of a finding again now")
    heard.add_argument("finding", metavar="FINDING", help="as it was silenced")
    for one in (silence, heard):
        one.add_argument("--remediation", metavar="NAME", default="report-finding", help="whose alerts they are (report-finding)")
        _by(one)


def _survey(one: argparse.ArgumentParser) -> None:
    one.add_argument("--regions", metavar="a,b", default="all", help="where: regions with commas between them, or all that the account has on (all)")
    one.add_argument("--remediation", metavar="NAME", nargs="+", help="only what these remediations look for")
    one.add_argument("--service", metavar="NAME", nargs="+", help="only these services, as the folders in functions/ are called")
    one.add_argument("--owner-tag", metavar="KEY", help="name the owner of what is wrong by this tag of the resource")
    one.add_argument("--set", metavar="NAME=VALUE", action="append", help="a parameter of the template, as a deployment would have it: AdminPorts=22")
    one.add_argument("--out", metavar="DIR", default="survey", help="where the page and the tables go, and from where it is taken up again (survey)")
    one.add_argument("--fail-on", choices=("critical", "high", "medium", "low"), help="exit status 1 if something is so severe, or more")
    one.add_argument("--jobs", metavar="N", type=_jobs, default=4, help="so many processes at a time (4)")


def _replay(one: argparse.ArgumentParser) -> None:
    one.add_argument("--days", metavar="N", type=_days, help="so far back: 90, which is all that CloudTrail's event history has; of a trail, all that is there")
    one.add_argument("--regions", metavar="a,b", default="all", help="where: regions with commas between them, or all that the account has on (all)")
    one.add_argument("--remediation", metavar="NAME", nargs="+", help="only what these remediations would have heard")
    one.add_argument("--service", metavar="NAME", nargs="+", help="only these services, as the folders in functions/ are called")
    one.add_argument("--trail", metavar="PATH", nargs="+", help="a trail's files in the place of the event history: files, folders, or s3://bucket/prefix")
    one.add_argument("--athena", metavar="TABLE", help="an organisation's trail, by Athena: its table, [database.]table")
    one.add_argument(
        "--athena-day", metavar="COLUMN", default="", help="the table's partition by days (timestamp, say): else all of the trail is read, and paid for"
    )
    one.add_argument("--athena-output", metavar="S3", default="", help="where its results go, s3://bucket/prefix, if the workgroup has no place of its own")
    one.add_argument("--athena-workgroup", metavar="NAME", default="primary", help="(primary)")
    one.add_argument("--sql", action="store_true", help="with --athena: print the question that it would be asked, and end")
    one.add_argument("--account", metavar="ID", nargs="+", help="of a trail, only these accounts (all that are there)")
    one.add_argument("--set", metavar="NAME=VALUE", action="append", help="a parameter of the template, as a deployment would have it: MaxFixesPerHour=50")
    one.add_argument("--out", metavar="DIR", default="replay", help="where the page and the tables go, and what CloudTrail has answered (replay)")
    one.add_argument("--no-look", action="store_true", help="do not look what is wrong today with what the events name")


def _everywhere(one: argparse.ArgumentParser, *, top: bool) -> None:
    """Let what is said of the account stand before the command and after it."""
    kept = None if top else argparse.SUPPRESS
    one.add_argument("--profile", default=kept, help="of the AWS configuration (AWS_PROFILE)")
    one.add_argument("--region", default=kept, help="(AWS_REGION, AWS_DEFAULT_REGION, or the profile's)")
    one.add_argument("--stack", default="snapback" if top else kept, help="the stack's name (snapback)")
    one.add_argument("--json", action="store_true", default=False if top else kept, help="answer in JSON")


def _of(one: argparse.ArgumentParser) -> None:
    one.add_argument("--remediation", metavar="NAME", help="from which; not needed where the journal knows the resource from one only")


def _by(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", help="who gives it, as everybody is told (the ARN of your credentials)")


def outcome_of(word: str) -> str:
    """Return an outcome as the journal spells it; raise `ArgumentTypeError` with the nearest one if there is none."""
    found = word.upper().replace("-", "_")
    words = [*(one.value for one in Outcome), "CLAIMED", "UNDOING"]
    if found not in words:
        near = get_close_matches(found, words, n=1, cutoff=0.5)
        raise argparse.ArgumentTypeError(f"there is no outcome {plain(word)}{f': do you mean {near[0]}?' if near else ''}")
    return found


def _hours(word: str) -> float:
    try:
        hours = float(word)
    except ValueError:
        hours = -1
    if not 0 < hours < float("inf"):
        raise argparse.ArgumentTypeError(f"hours are a number such as 24, not {plain(word)}")
    return hours


def _days(word: str) -> int:
    if not word.isdecimal() or len(word) > len(str(_MOST_DAYS)) or not 1 <= int(word) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"days are a whole number such as 30, {_MOST_DAYS} at most, not {plain(word, 80)}")
    return int(word)


def _jobs(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(f"jobs are a whole number from 1 to {_MOST_JOBS}, not {plain(word)}")
    return int(word)


def _period(word: str) -> str:
    try:
        from_now(word, 0)
    except CommandError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return word
