"""documents: one statement in or out of a policy, every other byte as it was."""

import pytest

from snapback.policies.documents import grants_everything, statements, with_each, with_statement, without_statements

OURS = {"Sid": "Ours", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
OTHER = '{ "Sid": "Other",\n   "Effect":"Allow", "Action": "s3:GetObject" , "Resource": ["]", "}"] }'

DOCUMENTS = [
    pytest.param('{"Version":"2012-10-17","Statement":[]}', id="no statement"),
    pytest.param(f'{{"Version": "2012-10-17", "Statement": [{OTHER}]}}', id="one"),
    pytest.param(f'{{\n  "Statement" : [ {OTHER} , {OTHER} ]\n , "Version": "2012-10-17"}}', id="two, with spaces, version last"),
    pytest.param(f'  {{"Id": "a\\"]", "Statement": [{OTHER}\n]}}  ', id="an id that looks like JSON"),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_statement_put_in_and_taken_out_leaves_every_byte_as_it_was(document: str) -> None:
    more = with_statement(document, OURS)
    assert statements(more) == [*statements(document), OURS]
    less = without_statements(more, lambda statement: statement.get("Sid") == "Ours")
    assert less == (document if statements(document) else None)


def test_a_single_statement_may_stand_without_brackets() -> None:
    document = f'{{"Statement": {OTHER}}}'
    assert len(statements(with_statement(document, OURS))) == 2
    assert without_statements(document, lambda _: False) == document
    assert without_statements(document, lambda _: True) is None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_change_that_changes_nothing_keeps_every_byte(document: str) -> None:
    assert with_each(document, lambda statement: statement) == document


def test_some_statements_change_some_go_and_the_others_keep_every_byte() -> None:
    first, last = OTHER.replace("Other", "First"), OTHER.replace("Other", "Last")
    document = f'{{ "Statement" : [ {first},\n{OTHER} ,  {last} ], "Version": "2012-10-17" }}'
    changed = with_each(document, lambda one: None if one["Sid"] == "First" else {**one, "Effect": "Deny"} if one["Sid"] == "Other" else one)
    denied = '{"Sid": "Other", "Effect": "Deny", "Action": "s3:GetObject", "Resource": ["]", "}"]}'
    assert changed == f'{{ "Statement" : [ {denied} ,  {last} ], "Version": "2012-10-17" }}'


def test_a_single_statement_without_brackets_may_change_or_go() -> None:
    document = f'{{"Statement": {OTHER} }}'
    assert with_each(document, lambda _: {"Sid": "New"}) == '{"Statement": {"Sid": "New"} }'
    assert with_each(document, lambda _: None) is None


def test_without_a_document_there_is_a_new_one() -> None:
    assert statements(with_statement(None, OURS)) == [OURS]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, True),
        ({"Effect": "Allow", "Action": ["s3:*", "*:*"], "Resource": ["*"]}, True),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, False),
        ({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"}, False),
        ({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, False),
    ],
)
def test_everything_is_granted_only_by_every_action_on_every_resource(statement: dict[str, object], *, expected: bool) -> None:
    assert grants_everything(statement) is expected
