"""The quick table of the tests answers the journal's calls as moto's DynamoDB does."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from snapback.engine import counts, decisions, fixes, journal, notices
from snapback.engine.errors import SnapbackError
from snapback.engine.exemptions import Exemption
from snapback.engine.fixes import Fix
from snapback.engine.outcomes import Outcome
from tests.harness.account import Account, ApiCall
from tests.harness.chance import BEGINNING, examples


def things_to_do(  # noqa: C901 - many small ones
    account: Account, event: int, resource: int
) -> dict[str, Callable[[], object]]:
    """Return what the algorithm does with the journal, for a fix of that event on that resource."""
    name, id_, remediation = f"sg-{resource}", fixes.fix_id(str(event), str(resource)), "revoke-open-ingress"
    now = account.clock.now()
    fix = Fix(id_, remediation, name, str(event), "request", evidence=[{"port": 22}])
    shown = Fix(id_, remediation, name, str(event), "request", preview=True, writes=False)
    ended, passing = (Exemption(resource=name, owner="Jo", reason="why", until=until) for until in ("2020-01-01", "2027-01-01"))

    def record() -> None:
        if journal.read(id_):
            fix.expires_at = now + event
            journal.record(fix, Outcome.FIXED)

    def expire() -> None:
        for one in journal.expired(remediation):
            journal.forget_expiry(remediation, replace(fix, id=one, expires_at=now))

    def cut_off() -> None:
        if written := journal.read(id_):
            written.status = fixes.CLAIMED
            journal.let_go(written)

    def undo() -> None:
        if written := journal.read(id_):
            journal.begin_undo(written, request="request", lease=60)
            journal.end_undo(written, "why", passing) if event else journal.stop_undo(written)

    def go_on() -> None:
        if written := journal.read(id_):
            journal.take_over(written, request=f"request {event}", lease=60)

    def notice() -> None:
        if notices.first_notice(f"{remediation}#HELD", f"request {event}", name):
            (notices.notice_sent if event else notices.notice_failed)(f"{remediation}#HELD")

    return {
        "claim": lambda: journal.claim(fix, looked_at=now, lease=60),
        "preview": lambda: journal.claim(shown, looked_at=now, lease=60),
        "switched": lambda: journal.claim(replace(shown, id=f"{id_}-shown"), looked_at=now, lease=60, enforced=id_),
        "continue": go_on,
        "cut off": cut_off,
        "withdraw": lambda: journal.withdraw(fix, request=fix.request),
        "retried": lambda: journal.note_retried(fix),
        "record": record,
        "expired": expire,
        "exempt": lambda: decisions.exempt(remediation, passing if event else ended),
        "undo": undo,
        "notice": notice,
        "pending": lambda: notices.first_notice(f"{remediation}#HELD", f"request {event}", name),
        "hold": lambda: notices.hold(remediation, name),
        "let through": lambda: notices.let_through(remediation, name),
        "was let through": lambda: notices.was_let_through(remediation, name),
        "handled": lambda: notices.handled_after_exemption(remediation, name),
        "waits": lambda: (notices.is_held(remediation, name), notices.is_contested(remediation, name)),
        "released": lambda: notices.released(remediation, name),
        "storm": lambda: counts.is_storm(remediation),
        "release": lambda: notices.release(remediation, name),
        "count": lambda: counts.is_burst(name, str(event), number=2, seconds=600),
        "wait": lambda: account.clock.pause((1, 100, 3000)[event]),
    }


class Twin:
    """Gives each call to moto, too, and compares."""

    def __init__(self) -> None:
        self.moto = boto3.client("dynamodb")
        self.compared: set[tuple[str, bool]] = set()
        """Operations, and whether they failed."""
        if "twin" in self.moto.list_tables()["TableNames"]:
            self.moto.delete_table(TableName="twin")
        self.moto.create_table(
            TableName="twin",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def __call__(self, call: ApiCall, _: int, really: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        parameters = json.loads(json.dumps(call.parameters).replace('"TableName": "journal"', '"TableName": "twin"'))
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in call.operation).removeprefix("_")
        moto, ours = outcome_of(lambda: getattr(self.moto, method)(**parameters)), outcome_of(really)
        assert comparable(ours) == comparable(moto), call
        self.compared.add((call.operation, isinstance(ours, ClientError)))
        if isinstance(ours, ClientError):
            raise ours
        return ours


def outcome_of(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
    """Return the answer, or the error."""
    try:
        return call()
    except ClientError as error:
        return error


def comparable(outcome: Any) -> Any:  # noqa: ANN401 - any answer
    if not isinstance(outcome, ClientError):
        return in_order({key: value for key, value in outcome.items() if key in ("Item", "Attributes")})
    reasons = outcome.response.get("CancellationReasons", [])
    return outcome.response["Error"]["Code"], [in_order({key: reason[key] for key in ("Code", "Item") if key in reason}) for reason in reasons]


def in_order(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Sets have no order; numbers are equal however they are written."""
    if isinstance(value, dict):
        if value.keys() == {"SS"}:
            return {"SS": sorted(value["SS"])}
        return {"N": float(value["N"])} if value.keys() == {"N"} else {key: in_order(one) for key, one in value.items()}
    return [in_order(one) for one in value] if isinstance(value, list) else value


@examples(25)
@given(steps=st.lists(st.tuples(st.integers(0, 16), st.integers(0, 2), st.integers(0, 1)), max_size=25))
def test_it_answers_whatever_the_journal_asks_as_moto_does(account: Account, steps: list[tuple[int, int, int]]) -> None:
    account.set_up()
    account.clock.time = BEGINNING
    with account.interfered(Twin()):
        for what, event, resource in steps:
            with contextlib.suppress(SnapbackError, ClientError):
                [*things_to_do(account, event, resource).values()][what]()
    ours, moto = (boto3.client("dynamodb").scan(TableName=table)["Items"] for table in ("journal", "twin"))
    assert by_key(ours) == by_key(moto)


def by_key(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["pk"]["S"]: in_order(row) for row in rows}


def test_the_comparison_reaches_every_kind_of_call_and_of_refusal(account: Account) -> None:
    twin = Twin()
    with account.interfered(twin):
        for what in (
            "claim",
            "claim",
            "switched",
            "continue",
            "cut off",
            "record",
            "expired",
            "exempt",
            "undo",
            "notice",
            "notice",
            "release",
            "count",
            "count",
        ):
            with contextlib.suppress(SnapbackError):
                things_to_do(account, 1, 1)[what]()
    calls = {operation for operation, _ in twin.compared}
    assert calls == {"TransactWriteItems", "GetItem", "UpdateItem", "PutItem", "DeleteItem"}
    assert {operation for operation, failed in twin.compared if failed} == {"TransactWriteItems", "UpdateItem"}
