"""Where and as what a function runs, from what Lambda gives it."""

import os
from collections.abc import Callable
from typing import NamedTuple, Protocol

from snapback.engine import names


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used (https://docs.aws.amazon.com/lambda/latest/dg/python-context.html)."""

    @property
    def function_name(self) -> str:
        """Return the function's name."""

    @property
    def invoked_function_arn(self) -> str:
        """Return the function's ARN, with account and region."""

    @property
    def aws_request_id(self) -> str:
        """Return the id of this invocation, which its retries share."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before Lambda ends the function."""


class Invocation(NamedTuple):
    """Where and as what this runs, from Lambda's context."""

    function: str
    request: str
    account: str
    """Empty under `sam local`, which does not know the account."""
    region: str
    seconds_left: Callable[[], float]
    caller: str = ""
    """Who calls, where Lambda says so: an identity of Amazon Cognito. It says nothing of who invokes with IAM's keys."""
    by: str = ""
    """Who gives a command, as far as that is known."""
    arn: str = ""
    """The function's own, with the alias if it was invoked by one: a later look is given to the same."""
    only: str = ""
    """Which remediation is at work, where the function has several: its commands and its later looks have to name it."""

    @property
    def meant(self) -> dict[str, str]:
        """Return what a command, or a later look, has to say besides, so that the right remediation of the function takes it."""
        return {"remediation": self.only} if self.only else {}

    @classmethod
    def of(cls, context: LambdaContext) -> "Invocation":
        """Read Lambda's context."""
        arn = context.invoked_function_arn.split(":")
        local = os.environ.get("AWS_SAM_LOCAL") == "true"
        caller = getattr(getattr(context, "identity", None), "cognito_identity_id", None)
        return cls(
            function=context.function_name,
            request=context.aws_request_id,
            account="" if local else arn[4],
            region="" if local else arn[3],
            seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
            caller=names.shown(caller) if caller else "",
            arn=context.invoked_function_arn,
        )
