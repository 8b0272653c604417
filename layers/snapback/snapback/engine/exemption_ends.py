"""The end of an exemption: what was exempt is looked at then, and put right if it is still wrong.

    {"exemption_ended": {"resource": "sg-…", "until": "2027-01-31T00:00:00Z"}, "look": {…}}

comes from the clock, at the time that was arranged when the exemption was granted.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from snapback.engine import fixes, later, names, notices, refusals
from snapback.engine.algorithm import FOR_ANOTHER, Algorithm
from snapback.engine.case import Case, commanded
from snapback.engine.errors import SeveralFailed, UnreadableEvent
from snapback.engine.exemptions import Exemption
from snapback.engine.invocation import Invocation
from snapback.engine.later import Look
from snapback.engine.outcomes import Outcome

logger = Logger(service="snapback")


def arrange_look(case: Case, exemption: Exemption | None) -> str:
    """Have what is exempt looked at when that has ended; return what to say of it: nothing where there is no clock.

    Nor for what contains a threat: a look would show every healthy resource as "not contained", and contain it without an accusation.

    No failure here keeps the alert back: the exemption holds already, and nobody would know of it.
    """
    if exemption is None or not later.is_there() or case.remediation.answers_threats:
        return ""
    event = {"exemption_ended": {"resource": exemption.resource, "until": exemption.until}}
    name = fixes.fix_id("look", case.remediation.name, exemption.resource, exemption.until, later.EXEMPTION)
    try:
        refusal = later.arranged(event, Look(exemption.resource, 1, later.EXEMPTION, exemption.ends), case.invocation, name=name)
    except (ClientError, BotoCoreError) as error:
        logger.exception("end of exemption not arranged", resource=exemption.resource)
        refusal = refusals.said_by(error) if isinstance(error, ClientError) else type(error).__name__
    return f"That it is looked at again then could not be arranged: {refusal}" if refusal else "It is looked at again then"


def is_end(event: object) -> bool:
    """Tell whether an exemption has ended."""
    return isinstance(event, Mapping) and "detail-type" not in event and "exemption_ended" in event


def look_at_what_was_exempt(remediation: Algorithm, event: Any, invocation: Invocation) -> list[Case]:  # noqa: ANN401 - any JSON
    """Look at what was exempt, or of what a beginning of names covered, at what it kept from being fixed; every guard is asked, other exemptions too."""
    look, ended_one = Look.of(event), event["exemption_ended"]
    if look is None or not isinstance(ended_one, Mapping) or not isinstance(ended_one.get("resource"), str):
        raise UnreadableEvent("this is not the end of an exemption as Snapback has written it")
    given, name = ended_one["resource"], remediation.name
    if remediation.answers_threats:  # as an earlier version arranged: nothing accuses it now, and whatever did while it was exempt was told
        logger.info("not looked at: only an event says what is wrong", remediation=name, resource=names.shown(given))
        return []
    if look.why != later.EXEMPTION:  # the one of them that was put off: warned of, or at work
        resources = [look.resource]
    else:
        resources = sorted(one for one in notices.all_let_through(name) if one.startswith(given[:-1])) if given.endswith("*") else [given]
    signal = commanded(invocation, "the end of an exemption")
    signal = signal._replace(id=f"the end of an exemption {given} {ended_one.get('until')}", event=event, look=look, trigger="the end of an exemption")
    cases: list[Case] = []
    failures: list[Exception] = []
    for one in resources:
        if invocation.seconds_left() < FOR_ANOTHER:
            raise SeveralFailed(f"there was no time for {names.shown(one)} and those after it: the next attempt goes on with them")
        try:
            cases.append(remediation.put_right(one, signal, invocation, several=True))
            if cases[-1].outcome is not Outcome.EXEMPT:
                notices.handled_after_exemption(name, one)
        except Exception as failure:  # not hidden: raised below, once every resource had its turn
            logger.exception("not looked at", resource=names.shown(one))
            failures.append(failure)
    if failures:
        raise SeveralFailed.of(failures, len(resources)) if len(resources) > 1 else failures[0]
    return cases
