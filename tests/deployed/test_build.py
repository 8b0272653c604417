"""What `sam build` makes, under Lambda's own rules: a clean Python of the production runtime, the layer and the function, and nothing else."""

import functools
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import samcli

from local.account import REGION, REPOSITORY, LocalAccount
from tests.harness.discovery import CHORES, HANDLERS, Handler
from tests.harness.template import functions, resolved, source

RUNTIME = source()["Parameters"]["PythonRuntime"]["Default"]
EMULATOR = Path(samcli.__file__).parent / "local" / "rapid" / "aws-lambda-rie-x86_64"
WITH_DOCKER = REPOSITORY.parent / "shared" / "sam-local" / "with-docker.sh"


@functools.cache
def production_python() -> Path | None:
    """Return the production runtime's Python if this machine has it: on the PATH, or kept by pyenv."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{RUNTIME.removeprefix('python')}.*/bin/{RUNTIME}"))
    found = [*kept[-1:], *([Path(there)] if (there := shutil.which(RUNTIME)) else [])]
    return next((python for python in found if subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0), None)  # noqa: S603 - a Python


needs_production_python = pytest.mark.skipif(
    production_python() is None, reason=f"this machine has no {RUNTIME}, the production runtime: nothing is built for it"
)


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with LocalAccount() as account:
        account.make_journal_and_topic()
        yield account


@pytest.fixture(scope="module")
def built(account: LocalAccount, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build as a user does who deploys to AWS."""
    python = production_python()
    assert python
    folder = tmp_path_factory.mktemp("build")
    account.environ = {**account.environ, "PATH": os.pathsep.join([account.environ["PATH"], str(python.parent)])}
    account.sam("build", "--build-dir", str(folder))
    return folder


@pytest.fixture(scope="module")
def runtime_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with Lambda's runtime client, for the production Python."""
    folder = tmp_path_factory.mktemp("runtime")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "pip", "install", "-q", "--python", str(production_python()), "--target", folder, "awslambdaric==4.2.2"], check=True)  # noqa: S603 - ours
    return folder


def variables(handler: Handler, account: LocalAccount) -> dict[str, str]:
    """Return the function's environment as the template gives it, in preview and pointed at the local account."""
    common = source()["Globals"]["Function"]["Environment"]["Variables"]
    own = functions()[handler.logical_id]["Properties"]["Environment"]["Variables"]
    given = resolved({**common, **own}, {"Mode": "preview", "DisruptiveMode": "preview", "EndpointUrl": account.endpoint_url})
    credentials = {name: account.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")}
    return {**{name: str(value) for name, value in given.items()}, **credentials, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}


@contextmanager
def lambda_of(handler: Handler, built: Path, runtime_client: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """Run the function in AWS's Runtime Interface Emulator; yield the port that takes invocations."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, api = one.getsockname()[1], other.getsockname()[1]
    addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{api}"]
    command = [EMULATOR, *addresses, production_python(), "-m", "awslambdaric", f"{handler.function.stem}.handler"]
    path = os.pathsep.join(map(str, [built / handler.logical_id, built / "SnapbackLayer" / "python", runtime_client]))
    clean = {
        "PYTHONPATH": path,
        "PYTHONNOUSERSITE": "1",
        "AWS_LAMBDA_FUNCTION_NAME": handler.logical_id,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "HOME": "/nonexistent",
    }
    process = subprocess.Popen(list(map(str, command)), env={**clean, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - AWS's emulator
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def invoke(port: int, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the function answers
    """Invoke once; wait for the emulator to be up."""
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
            answer = json.loads(connection.getresponse().read())
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the emulator did not start"
            time.sleep(0.02)
        else:
            return answer
        finally:
            connection.close()


@needs_production_python
@pytest.mark.parametrize("handler", HANDLERS, ids=str)
def test_a_built_function_runs_on_nothing_but_the_layer_and_answers_its_sample_event(
    handler: Handler, account: LocalAccount, built: Path, runtime_client: Path
) -> None:
    with lambda_of(handler, built, runtime_client, variables(handler, account)) as port:
        answer = invoke(port, handler.samples[handler.stem])
    # The local account has not every API: then AWS's own answer comes out, never a sign of something missing from the build.
    assert "outcomes" in answer or answer["errorType"] in ("ClientError", "SeveralFailed"), answer


@needs_production_python
@pytest.mark.parametrize("chore", CHORES, ids=str)
def test_a_built_chore_runs_on_nothing_but_the_layer_and_its_sample_event(chore: Handler, account: LocalAccount, built: Path, runtime_client: Path) -> None:
    with lambda_of(chore, built, runtime_client, variables(chore, account)) as port:
        answer = invoke(port, chore.samples[chore.stem])
    # Neither the canary's group nor the journal is in this account: then AWS's own answer comes out, never a sign of something missing from the build.
    assert answer == {"batchItemFailures": []} or answer.get("errorType") in ("ClientError", "ResourceNotFoundException"), answer


@needs_production_python
def test_the_layer_is_small_and_compiled_and_holds_no_other_service(built: Path) -> None:
    layer = built / "SnapbackLayer" / "python"
    version = RUNTIME.removeprefix("python").replace(".", "")
    assert (layer / "snapback" / "engine" / "__pycache__" / f"algorithm.cpython-{version}.pyc").exists()
    assert not (layer / "botocore" / "data" / "sagemaker").exists()
    assert sum(file.stat().st_size for file in layer.rglob("*") if file.is_file()) < 25_000_000


def no_container() -> str | None:
    """Return why this machine can run no container, or None: one without a Docker engine may have a script beside the project that starts a private one."""
    if subprocess.run(["docker", "info"], check=False, capture_output=True).returncode == 0:  # noqa: S607 - whichever Docker the machine has
        return None
    if not WITH_DOCKER.exists():
        return "no Docker engine runs here"
    needed = ("dockerd", "iptables", "busybox", "pyenv")
    lacking = [program for program in needed if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin:/bin")]
    return f"no Docker engine runs here, and to start one {', '.join(lacking)} is missing" if lacking else None


@needs_production_python
def test_sam_local_invoke_runs_a_function_in_a_container(built: Path, tmp_path: Path) -> None:
    """Give it an event that ends without a call to AWS: a container does not reach this machine's loopback interface, where the local account is."""
    if reason := no_container():
        pytest.skip(f"sam local invoke was not tried: {reason}")
    sample = json.loads((REPOSITORY / "events/ec2/revoke_open_ingress.json").read_text())
    sample["detail"]["errorCode"] = "Client.UnauthorizedOperation"
    event = tmp_path / "event.json"
    event.write_text(json.dumps(sample))
    sam = Path(sys.executable).with_name("sam")
    config = ["--config-file", REPOSITORY / "samconfig.toml", "--config-env", "local"]
    invoke = [sam, "local", "invoke", "RevokeOpenIngress", "--skip-pull-image", "-t", built / "template.yaml", "-e", event, *config]
    without_keys = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {"AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(list(map(str, [WITH_DOCKER, *invoke])), check=False, capture_output=True, text=True, timeout=300, env=without_keys)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr[-2000:]
    [outcome] = json.loads(done.stdout)["outcomes"]
    assert (outcome["remediation"], outcome["outcome"]) == ("revoke-open-ingress", "NO_CHANGE")
