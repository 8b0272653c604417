import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cli.journal import CUT_OFF, Line
from local.cli.stack import Stack, StackError, remediation_of
from local.cli.text import moment
from local.export import Manual
from local.remediations import logical_id
from local.report import CSS, ROOT, SHOWN_AT_ONCE, AlertRow, Change, Page, element, manuals, render
from snapback.engine import fixes, links
from snapback.engine.fixes import Fix
from snapback.engine.outcomes import Outcome
from tests.harness.chance import examples
from tests.harness.discovery import HANDLERS

EVIL = """</code><script>alert(1)</script>"'><img src=https://evil.example/x onerror=alert(1)>&amp;"""
NOW = 1_795_500_000.0


def row(number: int = 1, **further: object) -> dict[str, Any]:
    """Return a row exactly as the journal writes it."""
    given: dict[str, Any] = {
        "id": f"sb-{number:016x}",
        "remediation": "revoke-open-ingress",
        "resource": f"sg-{number:017x}",
        "event_id": "e",
        "request": "r",
        "source": "AuthorizeSecurityGroupIngress",
        "actor": {"name": "alice", "address": "198.51.100.7", "tool": "the AWS CLI"},
        "event_time": "2026-11-24T03:09:00Z",
        "evidence": [{"CidrIpv4": "0.0.0.0/0", "FromPort": 22}],
        "status": "FIXED",
        "calls": [{"service": "ec2", "operation": "RevokeSecurityGroupIngress", "parameters": {"GroupId": "sg-1"}}],
        "claimed_at": NOW,
        "finished_at": NOW + 1,
    }
    fix = Fix(**{**given, **further})
    return {**fixes.to_row(fix, NOW), "outcome": fixes.outcome_of(fix), "status": {"S": fix.status}}


def page(*rows: object, **further: object) -> str:
    given: dict[str, Any] = {
        "rows": rows,
        "stack": "snapback",
        "region": "us-east-1",
        "made_at": NOW,
        "functions": {"revoke-open-ingress": "snapback-RevokeOpenIngress-1"},
        "manuals": {},
    }
    return render(Page(**given | further))


class Reader(HTMLParser):
    """Holds the page to be well-formed, and keeps its elements and its text."""

    VOID = ("meta", "link", "input")

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def loads(self) -> list[str]:
        """Return what the page would load."""
        found = [
            value or ""
            for tag, given in self.elements
            for name, value in given.items()
            if name in ("src", "srcset", "action", "data", "poster", "formaction", "ping") or (name == "href" and tag != "a")
        ]
        return [value for value in found if value != "data:,"]

    def leads(self) -> set[str]:
        """Return where its links lead, beside parts of itself."""
        return {href for tag, given in self.elements if tag == "a" and (href := given["href"] or "") and not href.startswith("#")}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_DAYS", "365")


def test_every_fix_stands_on_the_page_with_what_was_wrong_what_was_called_who_did_it_and_how_to_take_it_back() -> None:
    read = Reader(page(*(row(number) for number in range(1, 31))))
    for number in range(1, 31):
        assert [given.get("id") for tag, given in read.elements if tag == "article"].count(f"sb-{number:016x}") == 1
        assert read.text.count(f"sg-{number:017x}") == 2  # in the timeline, and by itself
        assert f'\'{{"undo": "sb-{number:016x}", "reason": "WHY"}}\'' in read.text
    assert read.text.count("CidrIpv4=0.0.0.0/0  FromPort=22") == 30
    assert read.text.count("ec2.RevokeSecurityGroupIngress GroupId=sg-1") == 30
    assert read.text.count("alice from 198.51.100.7 with the AWS CLI") == 30
    assert read.text.count(moment(NOW + 1)[11:]) == 60
    assert "30 entries about 30 resources" in read.text
    assert "30 put right" in read.text


@pytest.mark.parametrize("outcome", [outcome.value for outcome in Outcome if outcome in {"FIXED", "PARTIAL", "UNDONE", "WOULD_FIX", "UNVERIFIED", "FAILED"}])
def test_an_undo_is_offered_only_where_there_is_something_to_take_back(outcome: str) -> None:
    assert ("&quot;undo&quot;" in page(row(status=outcome))) is (outcome in {"FIXED", "PARTIAL"})


def test_no_undo_is_offered_for_what_cannot_be_taken_back_or_has_no_function_any_more() -> None:
    assert "cannot be taken back" in page(row(), manuals={"revoke-open-ingress": Manual("Revoke.", undoable=False)})
    assert "not in the stack any more" in page(row(), functions={})
    assert "&quot;undo&quot;" not in page(row(preview=True))


@pytest.mark.parametrize("status", [*(outcome.value for outcome in Outcome), "CLAIMED", "UNDOING"])
def test_no_row_is_dropped_whatever_its_outcome(status: str) -> None:
    read = Reader(page(row(status=status, finished_at=0)))
    assert "sb-0000000000000001" in read.text
    assert "cannot be read" not in read.text


def hostile_row() -> dict[str, Any]:
    call = {"service": EVIL, "operation": EVIL, "parameters": {EVIL: EVIL}}
    actor = dict.fromkeys(("name", "arn", "session", "address", "tool", "issuer"), EVIL)
    texts: dict[str, Any] = dict.fromkeys(("id", "remediation", "resource", "event_id", "request", "source", "event_time", "reason"), EVIL)
    evil = row(**texts, evidence=[{EVIL: [EVIL]}], left=[{"b": EVIL}], after={EVIL: EVIL}, calls=[call], actor=actor, notes={"stack": EVIL})
    return evil | {"undone": {"S": json.dumps({"at": NOW, "reason": EVIL})}}


def hostile_page() -> str:
    exemption = {"resource": EVIL, "owner": EVIL, "reason": EVIL, "until": "2030-01-01"}
    exempt = {"pk": {"S": f"EXEMPT#{EVIL}"}, "exemptions": {"S": json.dumps([exemption])}}
    return page(
        hostile_row(),
        exempt,
        {"pk": {"S": f"FIX#{EVIL}"}},
        {"pk": {"S": f"EXEMPT#{EVIL}"}, "exemptions": {"S": EVIL}},
        stack=EVIL,
        region=EVIL,
        account=EVIL,
        functions={EVIL: EVIL},
        manuals={EVIL: Manual(EVIL, undoable=True)},
        note=EVIL,
        changes=[Change(EVIL, {EVIL: EVIL}, {EVIL: EVIL})],
        alerts=[AlertRow(NOW, EVIL, EVIL)],
    )


def test_hostile_names_are_shown_and_do_nothing() -> None:
    read = Reader(hostile_page())
    assert {tag for tag, _ in read.elements} & {"script", "img", "iframe", "object", "form", "base"} == set()
    assert [name for _, given in read.elements for name in given if name.startswith("on")] == []
    assert read.loads() == []
    assert read.leads() == {"docs/runbook.md#undo"}
    assert read.text.count(EVIL) > 20


def test_characters_that_hide_or_turn_the_writing_are_spelled_out() -> None:
    assert r"sg-\u202eexe.\x00\n" in page(row(resource="sg-\u202eexe.\0\n"))
    assert r"\ud800" in page(row(resource="\ud800"))
    page(row(resource="\ud800")).encode()


BROKEN: Mapping[str, Callable[[], dict[str, Any]]] = {
    "not a row": lambda: {"remediation": 1},
    "no about": lambda: {name: value for name, value in row().items() if name != "about"},
    "about is a list": lambda: row() | {"about": {"S": "[1]"}},
    "about is no JSON": lambda: row() | {"about": {"S": "{"}},
    "an unknown part": lambda: row() | {"about": {"S": '{"surprise": 1}'}},
    "evidence is a text": lambda: row() | {"evidence": {"S": '"0.0.0.0/0"'}},
    "evidence of numbers": lambda: row() | {"evidence": {"S": "[1]"}},
    "a call without a name": lambda: row() | {"outcome": {"S": '{"calls": [{}]}'}},
    "an unknown outcome": lambda: row() | {"status": {"S": "SPLENDID"}},
    "a time out of time": lambda: row(finished_at=1e30),
    "a time that is none": lambda: row(finished_at="soon"),
    "a number for a status": lambda: row() | {"status": {"N": "1"}},
    "an actor with odd parts": lambda: row(actor={"surprise": "1"}),
    "notes that are none": lambda: row(notes=[1]),
    "an undo that is none": lambda: row() | {"undone": {"S": "[]x"}},
    "nested beyond reading": lambda: row() | {"evidence": {"S": "[" * 100_000}},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_row_that_cannot_be_read_is_counted_and_named_beside_those_that_can(broken: Callable[[], dict[str, Any]]) -> None:
    bad = broken()
    read = Reader(page(row(2), {**bad, "pk": {"S": "FIX#sb-broken"}}, bad | {"pk": {"S": 7}}, bad | {"pk": None}))
    assert "3 rows of the journal cannot be read" in read.text
    assert "FIX#sb-broken: " in read.text
    assert "row 3: it has no key" in read.text
    assert "3 for a person to look at" in read.text
    assert "sb-0000000000000002" in read.text


@examples(100)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_whatever_a_journal_holds_becomes_a_well_formed_page(value: object) -> None:
    rows = [{**row(), "about": {"S": json.dumps(value)}}, {**row(), "evidence": {"S": json.dumps([{"a": value}])}}, {"pk": value}, value]
    assert Reader(page(*rows)).loads() == []


def test_long_evidence_is_folded_and_none_of_it_is_left_out() -> None:
    read = Reader(page(row(evidence=[{"rule": f"sgr-{number:03}"} for number in range(40)])))
    assert f"{40 - SHOWN_AT_ONCE} more" in read.text
    assert len(set(re.findall(r"sgr-\d{3}", read.text))) == 40


def test_exemptions_in_force_are_listed_and_past_ones_are_not() -> None:
    given = [{"resource": f"sg-{year}", "owner": "jo", "reason": "vendor test", "until": f"{year}-01-31"} for year in (2020, 2030)]
    source = page({"pk": {"S": "EXEMPT#revoke-open-ingress"}, "exemptions": {"S": json.dumps(given)}})
    assert "sg-2030" in source
    assert "sg-2020" not in source


def test_an_empty_journal_says_so() -> None:
    assert "The journal holds no fix." in Reader(page()).text


OF_GROUPS = {"revoke-open-ingress": Manual("Close it.", undoable=True, resource_type="AWS::EC2::SecurityGroup")}


def section(source: str, heading: str) -> str:
    """Return what stands between a heading and the next one."""
    return source.partition(f"<h2>{heading}</h2>")[2].partition("<h2>")[0]


def test_what_waits_for_a_person_comes_first_with_why_since_when_and_what_to_say() -> None:
    held = Line(NOW - 90, "HELD", "revoke-open-ingress", "sg-held", "", "release", "")
    source = page(row(1), row(2, status="FAILED", reason="AWS said no"), row(3, status="WOULD_FIX", preview=True), held=[held], manuals=OF_GROUPS)
    assert source.index("Needs a person") < source.index("How it ended") < source.index("One by one")
    asked = Reader("<main>" + section(source, "Needs a person") + "</main>").text
    assert "AWS said no" in asked
    assert "snapback retry sb-0000000000000002 --stack snapback --region us-east-1" in asked
    assert "snapback apply sb-0000000000000003 --stack snapback --region us-east-1" in asked
    assert "snapback release sg-held --remediation revoke-open-ingress --stack snapback --region us-east-1" in asked
    assert moment(NOW - 90) in asked
    assert "sg-00000000000000001" not in asked, "which is put right"
    assert "3 for a person to look at, 1 put right, 1 only shown." in Reader(source).text


def test_what_waits_is_told_by_what_is_the_matter_and_not_by_what_the_remediation_is_for() -> None:
    said = [{"What": "The root user signed in to the console WITHOUT MFA", "MFA": "No"}]
    reports = {"report-root-activity": Manual("Tell people when root signs in.", undoable=False, problem="Root was used", severity="high")}
    fixes = {"revoke-open-ingress": Manual("Close it.", undoable=True, problem="The internet can reach a port", severity="high")}
    source = page(row(1, status="REPORTED", remediation="report-root-activity", evidence=said), row(2, status="FAILED"), manuals={**reports, **fixes})
    asked = Reader("<main>" + section(source, "Needs a person") + "</main>").text
    assert "The root user signed in to the console WITHOUT MFA." in asked
    assert "The internet can reach a port. Severity: high." in asked
    assert "Tell people" not in asked


def test_only_the_latest_about_a_resource_waits_and_what_was_answered_does_not() -> None:
    former = row(1, status="FAILED", finished_at=NOW - 60)
    assert "Needs a person" not in page(former, row(2, resource="sg-00000000000000001"))
    assert "Needs a person" not in page(row(1, status="WOULD_FIX", preview=True) | {"applied": {"S": "sb-1"}})
    assert "Nothing needs a person" in page(row(1))


def test_what_was_cut_off_waits_for_a_person_and_what_is_at_work_does_not() -> None:
    assert "Needs a person" in page(row(1, status="CLAIMED", claimed_at=NOW - CUT_OFF - 1, finished_at=0))
    assert "Needs a person" not in page(row(1, status="CLAIMED", claimed_at=NOW - 5, finished_at=0))


def test_what_ended_by_itself_as_it_was_meant_to_waits_for_nobody() -> None:
    assert "Nothing needs a person" in page(row(1, is_of_threat=True, status="UNDONE", expires_at=NOW - 5))


def test_a_selection_in_which_nothing_is_does_not_call_the_journal_empty() -> None:
    assert "The journal holds nothing of that." in page(whole=[row(1)], period="Only of require-imdsv2, beside what waits.")
    assert "The journal holds no fix." in page()


def test_what_was_taken_back_is_not_counted_as_good() -> None:
    source = page(row(1), row(2, status="UNDONE"))
    assert "1 put right, 1 taken back." in Reader(source).text
    assert "taken back: the problem is there again" in source
    [kind] = re.findall(r'<article id="sb-0000000000000002" class="entry is-(\w+)', source)
    assert kind == "undone"


def test_a_threat_that_is_contained_waits_for_a_person_all_the_same() -> None:
    source = page(row(1), row(2, is_of_threat=True), row(3, is_of_threat=True, status="UNDONE"))
    assert "2 for a person to look at, 1 put right, 1 contained, 1 taken back." in Reader(source).text
    asked = section(source, "Needs a person")
    assert "sg-00000000000000003" in asked, "nothing contains it any more"
    assert "sg-00000000000000002" in asked
    assert "how somebody got in, a person finds out" in asked


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "https://eu-central-1.console.aws.amazon.com/"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_a_link_leads_to_the_resource_in_the_console_of_its_partition_and_region(region: str, host: str) -> None:
    [console] = Reader(page(row(1), region=region, manuals=OF_GROUPS)).leads() - {"docs/runbook.md#undo"}
    assert console.startswith(host)
    assert console.endswith("sg-00000000000000001")


def test_links_into_the_runbook_lead_to_sections_that_it_has() -> None:
    found = Reader(page(*(row(number, status=outcome) for number, outcome in enumerate(Outcome)), runbook="https://wiki.example/runbook")).leads()
    heads = re.findall(r"^## (.+)$", (ROOT / links.RUNBOOK).read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
    assert {one.partition("#")[0] for one in found} == {"https://wiki.example/runbook"}
    assert {one.partition("#")[2] for one in found} - {""} <= anchors


def test_before_and_after_stand_beside_each_other() -> None:
    source = page(row(1, status="PARTIAL", evidence=[{"port": 22}, {"port": 3389}], left=[{"port": 3389}], after={"now": "private"}))
    before, after = re.findall(r"<section>(.*?)</section>", source)
    assert "22" in before
    assert "3389" in before
    assert "22" not in after
    assert all(said in after for said in ("3389", "private"))


def test_what_may_be_a_secret_is_hidden_on_a_page_that_is_mailed() -> None:
    assert "hunter2" not in page(row(1, evidence=[{"Password": "hunter2"}], left=[{"Password": "hunter2"}], after={"Password": "hunter2"}))


def test_the_page_can_be_filtered_by_keyboard_alone_and_without_a_script() -> None:
    source = page(row(1), row(2, status="FAILED"), row(3, status="UNDONE", finished_at=NOW - 8 * 86_400), made_at=NOW + 2)
    read = Reader(source)
    buttons = {str(given["id"]): given["name"] for tag, given in read.elements if tag == "input"}
    assert buttons == {"show-all": "show", "show-people": "show", "show-right": "show", "show-undone": "show"} | {
        "of-day": "of",
        "of-week": "of",
        "of-month": "of",
        "of-all": "of",
    }
    assert {given["for"] for tag, given in read.elements if tag == "label"} == buttons.keys(), "each has its words"
    css = CSS.read_text()
    assert all(f"#{name}:checked" in css for name in buttons if not name.endswith("-all"))
    kinds = dict(re.findall(r'<article id="(sb-\w+)" class="entry ([\w -]+)"', source))
    assert kinds["sb-0000000000000003"] == "is-undone of-month"
    assert kinds["sb-0000000000000002"] == "is-people of-day of-week of-month"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_its_ground(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS.read_text(), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", blocks[scheme == "dark"]))
    for text in ("ink", "soft", "right", "people", "told"):
        for ground in ("paper", "tint"):
            assert contrast(colours[text], colours[ground]) >= 4.5, f"{text} on {ground}: https://www.w3.org/TR/WCAG22/#contrast-minimum"
    assert contrast(colours["focus"], colours["paper"]) >= 3, "https://www.w3.org/TR/WCAG22/#non-text-contrast"


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_an_alert_stands_out_if_it_needs_a_person_however_bad_the_problem_was() -> None:
    source = page(alerts=[AlertRow(NOW, "Fixed: x", "critical"), AlertRow(NOW, "NOT fixed: y", "low", needs_person=True)])
    assert re.findall(r'<span class="word (\w+)">(\w+)</span>', section(source, "What people heard")) == [("right", "CRITICAL"), ("people", "LOW")]


def test_texts_get_into_an_element_escaped() -> None:
    assert element("a", "<b>", element("i", "&"), href='"') == '<a href="&quot;">&lt;b&gt;<i>&amp;</i></a>'


def test_the_manuals_are_those_of_all_remediations() -> None:
    assert manuals() == {
        one.name: Manual(one.summary, one.undo is not None, one.resource, one.matter, one.severity) for one in (handler.remediation for handler in HANDLERS)
    }


def test_every_function_of_a_stack_is_known_by_its_remediations_name() -> None:
    assert [remediation_of(logical_id(one.stem)) for one in HANDLERS] == [one.remediation.name for one in HANDLERS]


@pytest.mark.usefixtures("account")
def test_a_whole_journal_is_read_page_by_page_and_fixes_are_told_from_its_other_rows() -> None:
    boto3.client("cloudformation").create_stack(StackName="snapback", TemplateBody=json.dumps(TEMPLATE))
    stack = Stack(boto3.client, "snapback")
    table = stack.output("JournalTable")
    wide = [{"state": "x" * 250_000}]  # DynamoDB answers with a megabyte at a time
    for number in range(6):
        boto3.client("dynamodb").put_item(TableName=table, Item=row(number, evidence=wide))
    boto3.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "BREAKER#revoke-open-ingress"}})
    assert sorted(one["pk"]["S"] for one in stack.journal()) == [f"FIX#sb-{number:016x}" for number in range(6)]
    assert set(stack.functions()) == set()
    with pytest.raises(StackError, match="no output DeadLetterQueue"):
        stack.output("DeadLetterQueue")


TEMPLATE = {
    "Resources": {
        "Journal": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            },
        }
    },
    "Outputs": {"JournalTable": {"Value": {"Ref": "Journal"}}},
}


# ---------------------------------------------------------------- in a real browser


class Proxy:
    """Listens, as the browser's only way out, and counts who comes."""

    def __enter__(self) -> Self:
        self.asked: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(1000))

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if not found:
        pytest.skip("the report was not opened in a browser: this machine has no Chromium")
    return found


ITS_OWN = re.compile(r"^[A-Z]+ (https?://)?[\w.-]*\.(google|googleapis|gvt1)\.com[:/]")
"""What a browser asks for itself, whatever page it shows."""


def opened(browser: str, source: str, folder: Path) -> Iterator[str]:
    """Open the page; yield the document as the browser has it, then what was asked for over the network."""
    file = folder / "report.html"
    file.write_text(source)
    quiet = ["no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "disable-features=NetworkTimeServiceQuerying"]
    with Proxy() as proxy:
        way_out = [f"--proxy-server=127.0.0.1:{proxy.socket.getsockname()[1]}", "--proxy-bypass-list=<-loopback>"]
        flags = ["headless", "no-sandbox", "disable-gpu", *quiet, f"user-data-dir={folder}/profile", "virtual-time-budget=2000", "dump-dom"]
        command = [browser, *(f"--{flag}" for flag in flags), *way_out, f"file://{file}"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)  # noqa: S603 - the machine's own browser
        yield done.stdout
        yield "\n".join(line for line in (one.decode(errors="replace").partition("\r")[0] for one in proxy.asked) if not ITS_OWN.search(line))


def test_a_browser_shows_the_page_runs_nothing_and_asks_nobody(browser: str, tmp_path: Path) -> None:
    document, asked = opened(browser, hostile_page(), tmp_path)
    read = Reader(document)
    assert {tag for tag, _ in read.elements} & {"script", "img"} == set()
    assert [given["id"] for tag, given in read.elements if tag == "article"] == [EVIL]
    assert read.text.count(EVIL) > 20
    assert asked == ""


def test_were_something_not_escaped_the_pages_policy_would_still_stop_it(browser: str, tmp_path: Path) -> None:
    hole = '<script>document.title = "run"</script><img src="http://evil.example/x"></body>'
    document, asked = opened(browser, page(row()).replace("</body>", hole), tmp_path)
    assert "<title>Snapback: snapback</title>" in document
    assert asked == ""


def test_the_proxy_of_these_tests_would_hear_a_request(browser: str, tmp_path: Path) -> None:
    _, asked = opened(browser, '<img src="http://evil.example/x">', tmp_path)
    assert "evil.example" in asked
