"""Words for Lambda functions: who may invoke one, through which URL, and how often at once.

A function, each of its versions and each of its aliases has a policy of its own, which is changed here statement by statement, and the function and each
alias may have a URL. So the name may have a version or alias behind it: `my-function:PROD`.
https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from snapback.engine import clock
from snapback.engine.clients import aws
from snapback.engine.errors import OnlyPeople, StillChanging
from snapback.engine.events import request_of
from snapback.engine.refusals import code_of, is_gone, said_by, try_each
from snapback.policies.documents import Statement, statements
from snapback.policies.openings import Judge, deleted
from snapback.policies.principals import account_of, let_in
from snapback.policies.verdicts import denials_of

_PARAMETERS: Final[Mapping[tuple[str, str], str]] = {
    ("StringEquals", "aws:sourceaccount"): "SourceAccount",
    ("ArnLike", "aws:sourcearn"): "SourceArn",
    ("StringEquals", "aws:principalorgid"): "PrincipalOrgID",
    ("StringEquals", "lambda:eventsourcetoken"): "EventSourceToken",
    ("StringEquals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("Bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}
"""Operator and key of a condition -> the parameter of AddPermission that makes it (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html)."""

_ACTION: Final = re.compile(r"\*|lambda:(\*|[A-Za-z]+)")
"""The actions that AddPermission takes: a policy that PutResourcePolicy has put may have others."""

_WHILE_IT_CHANGES: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait before each try while somebody else changes the function."""


def named_function(detail: Mapping[str, Any]) -> object:
    """Return the function that a call names, with its version or alias."""
    parameters = detail["requestParameters"]
    name, qualifier = parameters["functionName"], parameters.get("qualifier")
    return f"{name}:{qualifier}" if qualifier and not name.endswith(f":{qualifier}") else name


def split(function: str) -> Any:  # noqa: ANN401 - keyword arguments of several calls
    """Return the parameters by which Lambda's calls are told a function: its name, and the version or alias where there is one."""
    name, _, qualifier = function.partition(":")
    return {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}


def function_policy(function: str) -> str | None:
    """Return the text of the function's policy, or None if it has none.

    Lambda says of a missing policy what it says of a missing function, so whether there is the function is asked besides.
    https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
    """
    try:
        return aws("lambda").get_policy(**split(function))["Policy"]
    except ClientError as error:
        if not is_gone(error):
            raise
        aws("lambda").get_function_configuration(**split(function))
        return None


def wrong_permissions(function: str, judge: Judge) -> list[Statement]:
    """Return the statements that let in somebody who may not invoke the function, other than through an open URL."""
    return _wrong_in(function_policy(function) or "{}", judge)


def _wrong_in(policy: str, judge: Judge) -> list[Statement]:
    denials = denials_of(policy)
    return [one for one in statements(policy) if judge(one, denials) and not _is_for_an_open_url(one)]


def added_permissions(record: Mapping[str, Any], judge: Judge) -> list[Statement]:
    """Return the statements that a record says it added and that let in somebody who may not invoke the function, other than by an open URL.

    AddPermission adds one, and PutResourcePolicy puts all of them.
    https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html
    """
    policy = request_of(record).get("policy")
    if isinstance(policy, str):
        return _wrong_in(policy, judge)
    statement = _mapping_in((record.get("responseElements") or {}).get("statement"))
    return [statement] if judge(statement, ()) and not _is_for_an_open_url(statement) else []


def removed_since(function: str, added: Sequence[Statement]) -> list[Statement]:
    """Return those of the statements that are not in the function's policy any more; one is known by its Sid, or if it has none by all that it says."""
    live = statements(function_policy(function) or "{}")
    sids = {one["Sid"] for one in live if "Sid" in one}
    return [one for one in added if (one["Sid"] not in sids if "Sid" in one else one not in live)]


def _mapping_in(text: object) -> Mapping[str, Any]:
    found = json.loads(text) if isinstance(text, str) else {}
    return found if isinstance(found, Mapping) else {}


def permission(statement: Statement) -> dict[str, Any]:
    """Return the parameters with which AddPermission makes such a statement again; raise `OnlyPeople` if it cannot make it."""
    conditions = {
        _PARAMETERS.get((operator, key.lower()), ""): value for operator, keys in (statement.get("Condition") or {}).items() for key, value in keys.items()
    }
    principals = let_in(statement)
    texts = [statement.get("Sid"), statement.get("Action"), *conditions.values()]
    is_simple = len(principals) == 1 and all(isinstance(text, str) for text in texts) and "" not in conditions and "NotPrincipal" not in statement
    is_on_one = "*" not in str(statement.get("Resource", ""))
    if not is_simple or not is_on_one or not re.fullmatch(r"[A-Za-z0-9_-]+", str(statement["Sid"])) or not _ACTION.fullmatch(str(statement["Action"])):
        raise OnlyPeople("a statement of its policy lets in who may not invoke it, and AddPermission could not bring it back as it is: remove it by hand")
    if "InvokedViaFunctionUrl" in conditions:
        conditions["InvokedViaFunctionUrl"] = conditions["InvokedViaFunctionUrl"].lower() == "true"
    name = principals[0][1]
    principal = account_of(name) if name.endswith(":root") else name
    return {"StatementId": statement["Sid"], "Action": statement["Action"], "Principal": principal, **conditions}


def permission_of_layer(statement: Statement) -> dict[str, str]:
    """Return the parameters with which AddLayerVersionPermission makes such a statement again; raise `OnlyPeople` if it cannot make it.

    https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
    """
    asked = {operator: {key.lower(): value for key, value in keys.items()} for operator, keys in (statement.get("Condition") or {}).items()}
    organization = (asked.get("StringEquals") or {}).get("aws:principalorgid")
    principals = let_in(statement)
    is_simple = len(principals) == 1 and "NotPrincipal" not in statement and asked in ({}, {"StringEquals": {"aws:principalorgid": organization}})
    if not is_simple or not all(isinstance(text, str) for text in (statement.get("Sid"), statement.get("Action"))):
        raise OnlyPeople("a statement of the layer's policy could not be brought back as it is: remove it by hand (lambda:RemoveLayerVersionPermission)")
    name = principals[0][1]
    narrowed = {"OrganizationId": organization} if organization else {}
    return {"StatementId": statement["Sid"], "Action": statement["Action"], "Principal": account_of(name) if name.endswith(":root") else name, **narrowed}


def remove_permissions(function: str, wrong: Sequence[Statement]) -> None:
    """Remove the statements, if every one of them can be brought back.

    https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html
    """
    sids = [permission(statement)["StatementId"] for statement in wrong]
    try_each(sids, lambda sid: aws("lambda").remove_permission(**split(function), StatementId=sid))


def add_permissions(function: str, former: Sequence[Statement]) -> None:
    """Add the statements again, but for those that are there.

    Raises `OnlyPeople` where Lambda refuses that because of another statement: while the policy names a user or role that was deleted, it adds nothing to it.
    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    policy = function_policy(function)
    present = {statement.get("Sid") for statement in statements(policy or "{}")}
    missing = [statement for statement in former if statement["Sid"] not in present]

    def add(statement: Statement) -> None:
        try:
            aws("lambda").add_permission(**split(function), **permission(statement))
        except ClientError as error:
            gone = deleted(policy)
            if code_of(error) != "InvalidParameterValueException" or not gone:
                raise
            raise OnlyPeople(
                f"{said_by(error)}. The policy names {', '.join(gone)}, which was deleted, and so Lambda adds nothing to it: "
                "remove those statements (lambda:RemovePermission), which let in nobody any more, and give this command again"
            ) from error

    try_each(missing, add)


def url_auth(function: str) -> Mapping[str, str]:
    """Return how the function's URL tells who calls it: its `AuthType`, `NONE` or `AWS_IAM`.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html
    """
    return {"AuthType": aws("lambda").get_function_url_config(**split(function))["AuthType"]}


def set_url_auth(function: str, wanted: Any) -> None:  # noqa: ANN401 - what `url_auth` returns
    """Set that, and nothing else of the URL: what the call does not name stays.

    https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html
    """
    _once_it_holds_still(lambda: aws("lambda").update_function_url_config(**split(function), **wanted))


def reserved_concurrency(function: str) -> int | None:
    """Return how many invocations of the function may run at once, or None if that is not set for it.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
    """
    return aws("lambda").get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions")


def provisioned_concurrency(function: str) -> list[Mapping[str, Any]]:
    """Return which of the function's versions and aliases keep how many environments ready: `Qualifier` and `ProvisionedConcurrentExecutions`.

    https://docs.aws.amazon.com/lambda/latest/api/API_ListProvisionedConcurrencyConfigs.html
    """
    pages = aws("lambda").get_paginator("list_provisioned_concurrency_configs").paginate(FunctionName=function)
    found = [
        {"Qualifier": one["FunctionArn"].rpartition(":")[2], "ProvisionedConcurrentExecutions": one["RequestedProvisionedConcurrentExecutions"]}
        for page in pages
        for one in page["ProvisionedConcurrencyConfigs"]
    ]
    return sorted(found, key=lambda one: str(one["Qualifier"]))


def provision(function: str, wanted: Mapping[str, Any]) -> None:
    """Let a version or alias keep so many environments ready again; Lambda starts them within minutes.

    https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
    """
    _once_it_holds_still(lambda: aws("lambda").put_provisioned_concurrency_config(FunctionName=function, **wanted))


def provision_no_more(function: str, provisioned: Mapping[str, Any]) -> None:
    """Let a version or alias keep no environments ready any more; to say so again does nothing.

    https://docs.aws.amazon.com/lambda/latest/api/API_DeleteProvisionedConcurrencyConfig.html
    """
    _once_it_holds_still(lambda: aws("lambda").delete_provisioned_concurrency_config(FunctionName=function, Qualifier=provisioned["Qualifier"]))


def set_reserved_concurrency(function: str, invocations: int | None) -> None:
    """Set that; with 0 nobody can invoke it, and None takes the setting away. Lambda takes no fewer than are provisioned for the function's versions.

    https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
    """
    if invocations is None:
        _once_it_holds_still(lambda: aws("lambda").delete_function_concurrency(FunctionName=function))
    else:
        _once_it_holds_still(lambda: aws("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=invocations))


def _once_it_holds_still(change: Callable[[], object]) -> None:
    """Make a change as soon as Lambda takes it: while the function is updated, it answers ResourceConflictException, "an update is in progress".

    Raises `StillChanging` if that goes on. Only for changes that conflict with nothing else: of a statement that is there already, Lambda says the same.
    https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
    """
    for wait in _WHILE_IT_CHANGES:
        clock.pause(wait)
        try:
            change()
        except ClientError as error:
            if code_of(error) != "ResourceConflictException":
                raise
        else:
            return
    raise StillChanging("somebody is updating the function, and Lambda changes nothing else of it meanwhile")


def _is_for_an_open_url(statement: Statement) -> bool:
    """Tell whether the statement counts only for calls through a URL that is open (its AuthType is NONE), and so goes with it.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    condition = {key.lower(): str(value) for keys in (statement.get("Condition") or {}).values() for key, value in keys.items()}
    return condition.get("lambda:functionurlauthtype") == "NONE" or condition.get("lambda:invokedviafunctionurl", "").lower() == "true"
