"""The program: reads what was typed, asks, prints, and ends with one line if it could not."""

import errno
import importlib
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .arguments import parser
from .commands import COMMANDS, Snapback
from .entries import UnreadableRow
from .failures import CannotAsk, Refused, sentence
from .stack import StackError
from .text import plain


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit status: 1 if Snapback refuses or not all is well, 2 if it could not be asked."""
    given = parser().parse_args(arguments)
    try:
        # As the AWS CLI: the option, then AWS_REGION, which boto3 does not know, then what boto3 knows.
        session = boto3.Session(profile_name=given.profile, region_name=given.region or os.environ.get("AWS_REGION") or None)
        if given.command in _BY_SOURCES:
            return _by_sources(session, given)
        answer = COMMANDS[given.command](Snapback(_clients_of(session), given.stack), given)
        print(json.dumps(answer.data, indent=2) if given.json else "\n".join(answer.lines), flush=True)
    except (Refused, CannotAsk, StackError, UnreadableRow, BotoCoreError, ClientError) as error:
        why = sentence(error)
        print(json.dumps({"error": why}) if given.json else f"snapback: {why}", file=sys.stderr)
        return 1 if isinstance(error, Refused) else 2
    except BrokenPipeError:  # whoever read it has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return answer.status


_BY_SOURCES = ("survey", "replay")
"""Commands that need the remediations themselves, which are not in the package of the command."""


def _by_sources(session: boto3.Session, given: Namespace) -> int:
    """Carry out a command that reads the account by the remediations themselves."""
    if given.json:
        raise CannotAsk(f"a {given.command} answers in a file: without --json, {given.command}.json stands in the directory --out")
    try:
        command = importlib.import_module(f"local.{given.command}.command")
    except ModuleNotFoundError as error:
        raise CannotAsk(f"a {given.command} takes Snapback's sources: in its directory, make {given.command}") from error
    try:
        status: int = getattr(command, given.command)(session, given)
    except BrokenPipeError:  # of whoever reads what is printed
        raise
    except OSError as error:  # of the directory where the page goes, mostly: what AWS and the way to it say are others
        said = plain(error.strerror or str(error))
        is_of_a_file = error.filename or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
        raise CannotAsk(f"{plain(str(error.filename or given.out))} cannot be written: {said}" if is_of_a_file else said) from error
    return status


def _clients_of(session: boto3.Session) -> Callable[..., Any]:
    """Return what makes clients: an endpoint in the configuration that is no address is said in a line, as all that keeps one from asking."""
    make: Callable[..., Any] = session.client

    def client(service: str, **options: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        try:
            return make(service, **options)
        except ValueError as error:
            raise CannotAsk(plain(str(error))) from error

    return client


if __name__ == "__main__":
    sys.exit(main())
