"""A tracker on this machine, over TLS: as much of Jira Cloud and of ServiceNow as the example asks, with their states, and faults on demand.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and ServiceNow's Table API.
"""

import ipaddress
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Ticket:
    """An issue or an incident."""

    key: str
    fields: dict[str, Any]
    is_open: bool = True
    notes: list[str] = field(default_factory=list)


@dataclass
class FakeTracker:
    """What the server knows, and what it was asked."""

    tickets: list[Ticket] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)
    """Statuses with which the next requests are refused."""
    cut_off_after_making: bool = False
    """The next ticket is made, and its maker gets no answer."""
    moved_to: str = ""

    def open_with(self, mark: str) -> list[Ticket]:
        return [one for one in self.tickets if one.is_open and (mark in one.fields.get("labels", []) or one.fields.get("correlation_id") == mark)]

    def named(self, key: str) -> Ticket:
        [found] = [one for one in self.tickets if one.key == key]
        return found

    def jira(self, method: str, path: str, body: Any) -> Any:  # noqa: ANN401 - any JSON
        if path == "/rest/api/3/search/jql":
            [mark] = re.findall(r'labels = "([\w-]+)"', body["jql"])
            assert "statusCategory != Done" in body["jql"]
            return {"issues": [{"key": one.key} for one in self.open_with(mark)][: body["maxResults"]]}
        if (method, path) == ("POST", "/rest/api/3/issue"):
            assert {"project", "issuetype", "summary"} <= body["fields"].keys()
            assert len(body["fields"]["summary"]) < 256
            assert all(" " not in label for label in body["fields"]["labels"])
            return {"id": "1", "key": self._made(f"SEC-{len(self.tickets) + 1}", body["fields"])}
        key, _, part = path.removeprefix("/rest/api/3/issue/").partition("/")
        ticket = self.named(key)
        match method, part:
            case "GET", "":
                return {"fields": {"status": {"statusCategory": {"key": "new" if ticket.is_open else "done"}}}}
            case "PUT", "":
                ticket.fields |= body["fields"]
            case "POST", "comment":
                assert body["body"]["type"] == "doc"
                ticket.notes.append(json.dumps(body["body"]))
            case "GET", "transitions":
                ways = [("11", "indeterminate"), ("31", "done")]
                return {"transitions": [{"id": number, "to": {"statusCategory": {"key": category}}} for number, category in ways]}
            case "POST", "transitions":
                ticket.is_open = body["transition"]["id"] != "31"
            case _:
                raise AssertionError(f"{method} {path}")
        return None

    def servicenow(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:  # noqa: ANN401
        key = path.removeprefix("/api/now/table/incident").strip("/")
        if method == "GET" and not key:
            [mark] = re.findall(r"correlation_id=([\w-]+)\^active=true\^state!=6", query["sysparm_query"][0])
            return {"result": [{"sys_id": one.key} for one in self.open_with(mark)]}
        if method == "POST":
            return {"result": {"sys_id": self._made(f"{len(self.tickets):032x}", body), "number": "INC0010001"}}
        ticket = self.named(key)
        if method == "GET":
            return {"result": {"active": "true", "state": "1" if ticket.is_open else "6"}}
        assert method == "PATCH"
        assert body.get("state") != "6" or {"close_code", "close_notes"} <= body.keys(), "which the instance demands"
        ticket.is_open = ticket.is_open and body.get("state") != "6"
        ticket.notes += [body[name] for name in ("work_notes", "close_notes") if name in body]
        ticket.fields |= body
        return {"result": {"sys_id": ticket.key}}

    def _made(self, key: str, fields: dict[str, Any]) -> str:
        self.tickets.append(Ticket(key, dict(fields)))
        if self.cut_off_after_making:
            self.cut_off_after_making = False
            raise ConnectionAbortedError
        return key


@contextmanager
def serving(tracker: FakeTracker, folder: Path) -> Iterator[str]:
    """Serve it on the loopback; yield its address. Its certificate is in `folder / "ca.pem"`."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            tracker.asked.append(f"{self.command} {parts.path}")
            tracker.authorizations.add(self.headers["Authorization"])
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if tracker.answers:
                self._say(tracker.answers.pop(0), {"errorMessages": [f"no, {self.headers['Authorization']}"]})
                return
            try:
                if parts.path.startswith("/rest/"):
                    answer = tracker.jira(self.command, parts.path, body)
                else:
                    answer = tracker.servicenow(self.command, parts.path, parse_qs(parts.query), body)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            self._say(200 if answer is not None else 204, answer)

        do_GET = do_POST = do_PUT = do_PATCH = _answer  # noqa: N815 - as http.server calls them

        def _say(self, status: int, answer: Any) -> None:  # noqa: ANN401
            text = json.dumps(answer).encode() if answer is not None else b""
            self.send_response(status)
            if tracker.moved_to:
                self.send_header("Location", tracker.moved_to)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    certificate = _certificate(folder)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    """Make a key with a certificate for the loopback, both in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "ca.pem"
    file.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    return file
