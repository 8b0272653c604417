"""`make template`: the blocks hold what the sources say, and a source that is wrong is refused with its place."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from local import template

CONDITIONS = template.CONDITIONS_MARK

KMS = """
    EnableKeyRotation:
      permissions:
        - Sid: LookFixAndUndo
          Action: kms:EnableKeyRotation
          Resource: "*" # a reason
      triggers:
        - calls to kms: [CreateKey]
"""
"""A source in order."""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Written":
    monkeypatch.setattr(template, "ROOT", tmp_path)
    monkeypatch.setattr(template, "TEMPLATE", tmp_path / "template.yaml")
    return Written(tmp_path)


class Written:
    """A project of one service, of which the template is written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.conditions = ""
        for folder in ("functions/kms", "template"):
            (root / folder).mkdir(parents=True)
        for handler in ("enable_key_rotation", "restore_key", "report_key"):
            (root / f"functions/kms/{handler}.py").write_text('"""Keep: a # key.\n\nMore of it.\n"""\n')
        (root / "template.yaml").write_text(f"By: hand\n{CONDITIONS}  What: was here\n{template.CONDITIONS_END}{template.MARK}  And: here\n")

    def from_source(self, source: str) -> str:
        (self.root / "template" / "kms.yaml").write_text(dedent(source).lstrip())
        before, mark, blocks = template.render().partition(template.MARK)
        by_hand, _, self.conditions = before.removesuffix(template.CONDITIONS_END).partition(CONDITIONS)
        assert (by_hand, mark) == ("By: hand\n", template.MARK)
        return blocks


def test_a_block_is_what_the_function_has_of_its_own_amid_what_all_have(written: Written) -> None:
    block = """
        EnableKeyRotation:
          Type: AWS::Serverless::Function
          Properties:
            Description: "Keep: a # key"
            CodeUri: functions/kms
            Handler: enable_key_rotation.handler
            Environment: { Variables: { ROLE_ARN: !GetAtt EnableKeyRotationRole.Arn, MODE: !If [OnEnableKeyRotation, !Sub "${Mode}", "off"] } }
            Policies:
              - !Ref Shared
              - Version: "2012-10-17"
                Statement:
                  - Sid: LookFixAndUndo
                    Effect: Allow
                    Action: kms:EnableKeyRotation
                    Resource: "*" # a reason
            Events:
              Trigger:
                Type: EventBridgeRule
                Properties:
                  State: !If [OnEnableKeyRotation, ENABLED, DISABLED]
                  Pattern:
                    source: [aws.kms]
                    detail-type: [AWS API Call via CloudTrail]
                    detail:
                      eventSource: [kms.amazonaws.com]
                      eventName: [CreateKey]
                      errorCode: [{ exists: false }]
                  DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }
    """
    assert indent(dedent(block).strip(), "  ") in written.from_source(KMS)


def test_controls_of_security_hub_are_heard_in_both_forms_of_its_findings(written: Written) -> None:
    block = written.from_source(f"{KMS}        - controls: [KMS.4, KMS.5]\n          resources: [AWS::KMS::Key] # for the whole key\n")
    assert "SecurityControlId: [KMS.4, KMS.5] }" in block
    assert "Resources: { Type: [AwsKmsKey] } # for the whole key" in block
    assert "compliance: { status_id: [3], control: [KMS.4, KMS.5] }" in block
    assert "resources: { type: [AWS::KMS::Key, AwsKmsKey] }" in block


def test_what_becomes_of_the_stack_is_heard_of_this_stack_only(written: Written) -> None:
    block = written.from_source(f"{KMS}        - this stack: [CREATE_COMPLETE, UPDATE_COMPLETE] # a reason\n")
    assert "source: [aws.cloudformation] # a reason\n" in block
    assert "detail: { stack-id: [!Ref AWS::StackId], status-details: { status: [CREATE_COMPLETE, UPDATE_COMPLETE] } }\n" in block


def test_a_comment_is_copied_wherever_it_stands(written: Written) -> None:
    source = """
        # 1 above the first

        # 2 above a function
        EnableKeyRotation:
          # 4 above a key
          Timeout: 300 # 5
          environment: { A: !Ref B } # 6
          # 7
          permissions:
            # 8
            - Sid: One # 9
              # 10
              Action:
                - kms:A # 11
              Resource: "*"
              # 12
            # 13
            - !If [A, { Sid: Two }, { Sid: Three }] # 14
          # 15
          triggers:
            # 16
            - calls to kms: # 17
                - A # 18
                # 19
              # 20
              x: [y] # 21
            - this stack: [UPDATE_COMPLETE] # 3
            - controls: [KMS.4] # 22
              resources: [AWS::KMS::Key] # 23
            - source: [aws.kms] # 24
          # 25
          schedule: { HourlySweep: cron(0 * * * ? *) } # 26
        # 27
        RestoreKey:
          environment:
            A: !Ref B # 28
            # 29
            C: !Ref D
          triggers:
            # 30
            One: # 31
              # 32
              source: [aws.kms]
            Two:
              # 33
              - source: [aws.kms]

        Another:
          Type: AWS::SQS::Queue # 34
    """
    blocks = written.from_source(source)
    assert [number for number in range(1, 35) if f"# {number}\n" not in blocks + "\n" and f"# {number} above" not in blocks] == []


def test_the_same_comment_twice_is_copied_twice(written: Written) -> None:
    source = KMS.replace("[CreateKey]", "[CreateKey] # a reason")
    assert written.from_source(source).count("# a reason") == 2
    with pytest.raises(SystemExit, match=r"template/kms\.yaml:\d+: this comment would be lost"):
        written.from_source(source.replace("triggers:", "triggers: # a reason"))


def test_a_rule_of_several_and_a_whole_pattern_have_names(written: Written) -> None:
    source = """
        EnableKeyRotation:
          Condition: IsHomeRegion
          State: ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS
          triggers:
            ByCalls:
              - calls to kms: [CreateKey]
                requestParameters: { multiRegion: [true] }
              - source: [aws.kms]
                detail-type: [KMS CMK Rotation]
            Trigger:
              source: [aws.health]
          schedule: { HourlySweep: cron(0 * * * ? *) }
    """
    events = """
            Policies: [!Ref Shared]
            Events:
              ByCalls:
                Type: EventBridgeRule
                Properties:
                  State: !If [OnEnableKeyRotation, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, DISABLED]
                  Pattern:
                    $or:
                      - source: [aws.kms]
                        detail-type: [AWS API Call via CloudTrail]
                        detail:
                          eventSource: [kms.amazonaws.com]
                          eventName: [CreateKey]
                          requestParameters: { multiRegion: [true] }
                          errorCode: [{ exists: false }]
                      - source: [aws.kms]
                        detail-type: [KMS CMK Rotation]
                  DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }
              Trigger:
                Type: EventBridgeRule
                Properties:
                  State: !If [OnEnableKeyRotation, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, DISABLED]
                  Pattern:
                    source: [aws.health]
                  DeadLetterConfig: { Arn: !GetAtt DeadLetters.Arn }
              HourlySweep:
                Type: ScheduleV2
                Properties:
                  State: !If [OnEnableKeyRotation, ENABLED, DISABLED]
                  ScheduleExpression: cron(0 * * * ? *)
                  FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }
    """
    block = written.from_source(source)
    assert indent(dedent(events).strip(), "      ") in block
    assert "  EnableKeyRotation:\n    Type: AWS::Serverless::Function\n    Condition: IsHomeRegion\n    Properties:\n" in block


def test_what_is_called_by_its_alias_gets_what_that_takes(written: Written) -> None:
    block = written.from_source("EnableKeyRotation:\n  AutoPublishAlias: live # a reason\n  environment: { MAX_KEY_AGE: !Ref MaxKeyAge }\n")
    assert "AutoPublishAlias: live # a reason\n      AutoPublishAliasAllProperties: true\n" in block
    assert " ${AlertsTopic} ${MaxKeyAge}${SwitchedOff}" in block, "a change of its own parameter publishes a version, too"
    assert '!Sub "${Mode}", "off"], MAX_KEY_AGE: !Ref MaxKeyAge } }\n' in block


@pytest.mark.parametrize(
    ("good", "bad", "why"),
    [
        ("EnableKeyRotation", "EnableKeyrotation", "1: there is no handler for EnableKeyrotation in functions/kms"),
        ("triggers", "trigger", "6: nothing is written from trigger"),
        ("triggers:", "permissions:", "1: permissions stands here twice"),
        ("calls to kms", "calls", "7: a trigger is `calls to` a service, "),
        ("calls to kms: [CreateKey]", "controls: KMS.4\n      resources: []", "7: controls is a list"),
        ("Sid: LookFixAndUndo", "Effect: Deny", "3: a statement begins with its Sid"),
        ("Action: ", "Effect: Deny\n      Action: ", "3: a statement begins with its Sid, and is given its Effect"),
        ("triggers:", "Policies: []\n  triggers:", "6: nothing is written from Policies"),
        ("triggers:", "triggers: []\n  schedule:", "6: here is a mapping or a list, each part of it on a line of its own"),
        ("[CreateKey]", "[CreateKey", "is no YAML: "),
    ],
)
def test_what_is_wrong_in_a_source_is_said_with_its_place(written: Written, good: str, bad: str, why: str) -> None:
    assert good in KMS
    with pytest.raises(SystemExit) as refused:
        written.from_source(dedent(KMS).replace(good, bad))
    assert str(refused.value).removeprefix("template/kms.yaml").lstrip(": ").startswith(why)


def test_a_template_without_the_mark_is_not_written_over(written: Written) -> None:
    (written.root / "template.yaml").write_text("By: hand\n")
    with pytest.raises(SystemExit, match="lost one of the lines between which it is written"):
        written.from_source(KMS)


def test_what_is_off_keeps_the_news_of_other_services_and_what_ends_its_fixes(written: Written) -> None:
    source = """
        EnableKeyRotation:
          triggers:
            - source: [aws.health]
              detail-type: [AWS Health Event]
            - calls to kms: [CreateKey]
          ends: { HourlyExpiry: cron(0 * * * ? *) }
        RestoreKey:
          triggers:
            - source: [aws.macie]
        ReportKey:
          triggers:
            - calls to kms: [CreateKey]
    """
    block, _, others = written.from_source(source).partition("  RestoreKey:")
    restore, _, report = others.partition("  ReportKey:")
    news = """
                  Pattern:
                    Fn::If:
                      - OnEnableKeyRotation
                      - $or:
                          - source: [aws.health]
                            detail-type: [AWS Health Event]
                          - source: [aws.kms]
                            detail-type: [AWS API Call via CloudTrail]
                            detail:
                              eventSource: [kms.amazonaws.com]
                              eventName: [CreateKey]
                              errorCode: [{ exists: false }]
                      - source: [aws.health]
                        detail-type: [AWS Health Event]
    """
    assert indent(dedent(news).strip(), "            ") in block
    assert "State:" not in block
    assert "State:" not in restore
    assert "MODE:" not in report
    names = [line.strip().partition(":")[0] for line in written.conditions.splitlines()]
    assert names == ["OnEnableKeyRotation", "OnRestoreKey"], "a report has none"
