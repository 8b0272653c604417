"""The account every test gets: moto, with a clock that only moves when somebody waits."""

import functools
import gc
import math
import os
from collections.abc import Iterator

# moto and the layer read these when they are imported.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_MAX_ATTEMPTS="1",
    AWS_CONFIG_FILE="/dev/null",
    AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    MOTO_ACCOUNT_ID="111122223333",
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
)

import boto3
import botocore.client
import pytest
from moto import mock_aws

from snapback.engine import clock
from tests.harness.account import ACCOUNT, REGION, Account, Clock, watch
from tests.harness.chance import BEGINNING, settle
from tests.harness.quickly import make_calls_quick

boto3.client = functools.cache(boto3.client)  # type: ignore[assignment]  # to make one takes longer than most calls; those of the layer are others, which it keeps itself

make_calls_quick()
gc.set_threshold(50_000, 20, 50)  # the models of AWS's services are looked through a hundredth as often, which takes a tenth of the tests' time

SETTINGS = {
    "MODE": "enforce",
    "DISRUPTIVE_MODE": "enforce",
    "MAX_FIXES_PER_HOUR": "4",
    "MAX_FIXES_PER_RESOURCE": "3",
    "STORM_AFTER": "100",
    "STORM_QUEUE": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/storms",
    "EXEMPT_DAYS_AFTER_UNDO": "7",
    "READ_TAGS": "off",
    "RESOLVE_FINDINGS": "off",
    "JOURNAL_DAYS": "365",
    "JOURNAL_TABLE": "journal",
    "TOPIC_ARN": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts",
    "ALERTS": "2.0   ",
    "ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/snapback-function",
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    virtual = Clock(BEGINNING)
    settle()
    monkeypatch.setattr(clock, "now", virtual.now)
    monkeypatch.setattr(clock, "pause", virtual.pause)
    monkeypatch.setattr(clock, "_left", lambda: math.inf)  # outside of an invocation nobody ends it
    # One boto3 session for all tests: it keeps the service models, which take long to read.
    with mock_aws(config={"core": {"reset_boto3_session": False, "mock_credentials": False}}):
        account = Account(virtual)
        account.set_up()
        real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 - the one way that all calls go
        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", watch(account, real))
        yield account
        account.let_go()
