"""A private AWS account on this machine, for as long as a `with` block lasts.

    with LocalAccount() as account:
        account.sam("build")
        account.sam("deploy", "--stack-name", "snapback", "--resolve-s3", "--capabilities", "CAPABILITY_IAM")
        account.send(json.loads(Path("events/ec2/revoke_open_ingress.json").read_text()))
        account.client("sqs").receive_message(...)

It needs no Docker and no AWS credentials, and never uses any: what runs inside sees neither the developer's AWS
configuration nor an endpoint other than this one. Several can run at once. IAM is enforced: a function may do
what its role allows, and SNS may write to a queue whose policy allows it. Functions run on this very version of Python, so
`Runtime` in the template has to be `account.python_runtime` (the template's parameter `PythonRuntime`).
Where AWS and the emulator differ, and what is done about it, stands in `local.server`.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

import boto3
import botocore.session
from botocore.config import Config

REPOSITORY = Path(__file__).parents[1]
ACCOUNT_ID = "111122223333"
REGION = "us-east-1"
START_SECONDS = 30
ANSWER_SECONDS = 120
"""How long a request may take on a machine that is busy."""


class LocalAccountError(Exception):
    """The local account could not do what it was asked; the message ends with what the program that failed said."""


class LocalAccount:
    """The account. Everything below is there inside its `with` block only.

    `endpoint_url`    where its AWS APIs are
    `environ`         the environment for programs that work with it: pass it to `subprocess.run(…, env=account.environ)`
    `client`          `boto3.Session.client`, with its types: `account.client("dynamodb")`
    `log`             the file in which the emulator and the functions write what they do
    `python_runtime`  the Lambda runtime that functions have to be deployed with, like `python3.11`
    """

    python_runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"

    def __init__(self, *, retry_seconds: float = 1) -> None:
        """Take how long a failed event waits for its second try (AWS: a minute); it waits twice that for its third."""
        self._retry_seconds = retry_seconds
        self._held = ExitStack()

    def __enter__(self) -> Self:
        """Start the account and wait until it answers."""
        with ExitStack() as held:
            held.enter_context(_exit_on_sigterm())
            home = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="snapback-", ignore_cleanup_errors=True)))
            self.log = home / "account.log"
            self._port = _free_port()
            self.endpoint_url = f"http://127.0.0.1:{self._port}"
            self.environ: Mapping[str, str] = self._environ()
            self.client = self._session(home).client
            log = held.enter_context(self.log.open("wb"))
            server = held.enter_context(
                _running(
                    [sys.executable, "-m", "local.server"],
                    cwd=REPOSITORY,
                    env=self._server_environ(home),
                    stdin=subprocess.PIPE,
                    stdout=log,
                )
            )
            self._wait_for(server)
            self._held = held.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every process of the account and remove its files."""
        self._held.__exit__(kind, error, trace)

    def send(self, *events: Mapping[str, Any]) -> list[list[str]]:
        """Deliver complete EventBridge events as AWS's own services do, and return the names of the rules each one matched.

        The functions run after this returns, as on AWS.
        """
        status, body = self._request("POST", "/_snapback/events", json.dumps(events))
        if status != http.HTTPStatus.OK:
            raise LocalAccountError(f"The events were not delivered (HTTP {status}).\n{_tail(self.log)}")
        matched: list[list[str]] = json.loads(body)
        return matched

    def move_on(self, *, minutes: float) -> int:
        """Let so many minutes pass for schedules, at once; return how many of them ran. The functions' own time goes on as it is."""
        status, body = self._request("POST", "/_snapback/clock", json.dumps(minutes * 60))
        if status != http.HTTPStatus.OK:
            raise LocalAccountError(f"The clock was not put forward (HTTP {status}).\n{_tail(self.log)}")
        return int(body)

    def make_journal_and_topic(self) -> None:
        """Make what a function cannot do without, where no stack is deployed: the table `Journal` and the topic `Alerts`."""
        self.client("dynamodb").create_table(
            TableName="Journal",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.client("sns").create_topic(Name="Alerts")

    def sam(self, *arguments: str, cwd: Path = REPOSITORY) -> str:
        """Run the SAM CLI that is installed beside this Python against the account, and return what it printed."""
        command = [str(Path(sys.executable).with_name("sam")), *arguments]
        if not Path(command[0]).exists():
            raise LocalAccountError(f"{command[0]} is missing: install the project's development requirements.")
        with _running(command, cwd=cwd, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
            output = process.communicate()[0].decode()
        if process.returncode:
            raise LocalAccountError(f"`sam {' '.join(arguments)}` failed ({process.returncode}):\n{_last_lines(output)}")
        return output

    def _environ(self) -> dict[str, str]:
        """Return this process's environment with the account in the place of any other."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),  # `sam build` looks for Python there.
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
            "NO_PROXY": "127.0.0.1",  # `sam build` may need the proxy for PyPI; nothing needs it for the account.
            "no_proxy": "127.0.0.1",
        }

    def _server_environ(self, home: Path) -> dict[str, str]:
        """Return the server's environment: nothing of ours, because its functions inherit it."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "STATE_DIR": str(home / "state"),
            "S3_DATA_DIR": str(home / "s3"),
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(self._retry_seconds),
            "PYTHONUNBUFFERED": "1",
        }

    def _session(self, home: Path) -> boto3.Session:
        """Return a session for this account, whatever the developer's AWS configuration and environment say."""
        config = home / "aws-config"
        config.write_text("[default]\n")
        core = _OneEndpoint(self.endpoint_url)
        core.set_config_variable("config_file", str(config))
        core.set_config_variable("profile", "default")
        core.set_default_client_config(Config(proxies={}, read_timeout=ANSWER_SECONDS))
        return boto3.Session(ACCOUNT_ID, "test", region_name=REGION, botocore_session=core)

    def _wait_for(self, server: "subprocess.Popen[bytes]") -> None:
        """Return once the account answers; raise if its server ends, or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if self._request("GET", "/_ministack/health")[0] == http.HTTPStatus.OK:
                    return
            time.sleep(0.05)
        raise LocalAccountError(f"The local account did not start.\n{_tail(self.log)}")

    def _request(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        """Send a request to the account, past any proxy."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


class _OneEndpoint(botocore.session.Session):
    """A session all of whose clients talk to one endpoint: `AWS_ENDPOINT_URL` would overrule a configured one."""

    def __init__(self, endpoint_url: str) -> None:
        super().__init__()
        self._endpoint_url = endpoint_url

    def create_client(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - boto3.Session.client has the types
        return super().create_client(*arguments, **named | {"endpoint_url": self._endpoint_url})


@contextmanager
def _running(command: Sequence[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:  # noqa: ANN401 - Popen's own
    """Run a program in a process group of its own, and leave nothing of that group alive."""
    process = subprocess.Popen(command, stderr=subprocess.STDOUT, start_new_session=True, **options)
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError, PermissionError):  # macOS answers the latter for a group that has ended.
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the program through its `with` blocks, as Ctrl-C does; only a program's main thread can ask for it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _tail(log: Path) -> str:
    """Return the end of a log."""
    return _last_lines(log.read_text(errors="replace"))


def _last_lines(text: str) -> str:
    """Return as much of the end of an output as one wants to see in an error."""
    return "\n".join(text.splitlines()[-25:])
