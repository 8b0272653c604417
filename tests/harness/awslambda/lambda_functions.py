"""Policies and URLs of Lambda functions as AWS keeps them: moto's own lies about them, put right at this one place.

moto keeps one policy and one URL for a function and all of its versions and aliases, shows statements otherwise than AWS, knows no provisioned concurrency, and
refuses no change while another goes on. AWS says: "To use a function in
other ways, each version and alias has its own policy", and shows a statement as in the `AddPermission20150331v2` records of CloudTrail.
https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import boto3
from moto.awslambda import urls
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends
from moto.awslambda.responses import LambdaResponse

from tests.harness.iam.deleted_principals import GONE, is_deleted
from tests.harness.scenario import ACCOUNT, REGION

_CONDITIONS = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}

Answer = tuple[int, dict[str, str], str]

_put_concurrency = LambdaResponse.put_function_concurrency


def as_on_aws() -> None:
    """Let every version and alias have a policy, a URL and provisioned concurrency of its own."""
    LambdaResponse.add_permission = _add_permission  # type: ignore[method-assign,assignment]  # in the place of moto's own
    LambdaResponse.get_policy = _get_policy  # type: ignore[method-assign,assignment]
    LambdaResponse.remove_permission = _remove_permission  # type: ignore[method-assign]
    LambdaResponse.create_function_url_config = _create_url  # type: ignore[method-assign]
    LambdaResponse.get_function_url_config = _get_url  # type: ignore[method-assign]
    LambdaResponse.update_function_url_config = _update_url  # type: ignore[method-assign,assignment]
    LambdaResponse.put_function_concurrency = _reserve  # type: ignore[method-assign]
    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/provisioned-concurrency/?$"] = LambdaResponse.dispatch
    response: Any = LambdaResponse
    response.add_layer_version_permission = _share_layer
    response.get_layer_version_policy = _layer_policy
    response.remove_layer_version_permission = _share_layer_no_more
    response.put_provisioned_concurrency_config = _provision
    response.list_provisioned_concurrency_configs = response.get_provisioned_concurrency_config = _provisioned
    response.delete_provisioned_concurrency_config = _provision_no_more


def code() -> bytes:
    """Return the code of a function, or of a layer."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): ...")
    return packed.getvalue()


def function(name: str, alias: str = "") -> None:
    """Make a function; with an alias, if one is given."""
    iam, client = boto3.client("iam"), boto3.client("lambda")
    if not any(role["RoleName"] == "functions" for role in iam.list_roles()["Roles"]):
        iam.create_role(RoleName="functions", AssumeRolePolicyDocument="{}")
    role = f"arn:aws:iam::{ACCOUNT}:role/functions"
    client.create_function(FunctionName=name, Runtime="python3.13", Role=role, Handler="main.handler", Code={"ZipFile": code()})
    if alias:
        version = client.publish_version(FunctionName=name)["Version"]
        client.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)


def delete_principal(function: str, sid: str) -> None:
    """Let the user or role that the statement names be deleted: the policy then shows its id."""
    kept = lambda_backends[ACCOUNT][REGION].__dict__["policies_by_place"][function]
    next(one for one in kept if one["Sid"] == sid)["Principal"] = {"AWS": GONE}


def _add_permission(self: Any) -> Answer:  # noqa: ANN401 - moto's
    place = _place(self, -2)
    given = json.loads(self.body)
    if any(is_deleted(one["Principal"]) for one in (*_statements(self, place), given)):
        raise _error(400, "InvalidParameterValueException", "The provided principal was invalid. Please check the principal and try again.")
    if any(statement["Sid"] == given["StatementId"] for statement in _statements(self, place)):
        raise _error(409, "ResourceConflictException", f"The statement id ({given['StatementId']}) provided already exists.")
    condition: dict[str, dict[str, object]] = {}
    for parameter, (operator, key) in _CONDITIONS.items():
        if parameter in given:
            value = given[parameter]
            condition.setdefault(operator, {})[key] = str(value).lower() if isinstance(value, bool) else value
    statement = _statement(given, f"function:{place}", condition)
    _statements(self, place).append(statement)
    return 201, {}, json.dumps({"Statement": json.dumps(statement, separators=(",", ":"))})


def _statement(given: Mapping[str, Any], resource: str, condition: Mapping[str, object]) -> dict[str, Any]:
    """Return the statement that a permission becomes."""
    return {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": f"arn:aws:lambda:{REGION}:{ACCOUNT}:{resource}",
        **({"Condition": condition} if condition else {}),
    }


def _principal(given: str) -> object:
    if given == "*":
        return given
    if given.endswith(".amazonaws.com"):
        return {"Service": given}
    return {"AWS": f"arn:aws:iam::{given}:root" if given.isdecimal() else given}


def _get_policy(self: Any) -> Answer:  # noqa: ANN401
    found = _statements(self, _place(self, -2))
    if not found:
        raise _error(404, "ResourceNotFoundException", "The resource you requested does not exist.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": found}
    return 200, {}, json.dumps({"Policy": json.dumps(policy, separators=(",", ":")), "RevisionId": "a-revision"})


def _remove_permission(self: Any) -> Answer:  # noqa: ANN401
    found = _statements(self, _place(self, -3))
    sid = unquote(self.path.split("/")[-1].split("?")[0])
    statement = next((one for one in found if one["Sid"] == sid), None)
    if statement is None:
        raise _error(404, "ResourceNotFoundException", f"Statement {sid} is not found in resource policy.")
    found.remove(statement)
    return 204, {}, ""


def _share_layer(self: Any) -> Answer:  # noqa: ANN401
    given, (layer, version) = json.loads(self.body), _layer_version(self)
    condition = {"StringEquals": {"aws:PrincipalOrgID": given["OrganizationId"]}} if "OrganizationId" in given else {}
    statement = _statement(given, f"layer:{layer}:{version}", condition)
    _statements_of_layer(self).append(statement)
    return 201, {}, json.dumps({"Statement": json.dumps(statement), "RevisionId": "a-revision"})


def _layer_policy(self: Any) -> Answer:  # noqa: ANN401
    found = _statements_of_layer(self)
    if not found:
        raise _error(404, "ResourceNotFoundException", "No policy is associated with the given resource.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": found}
    return 200, {}, json.dumps({"Policy": json.dumps(policy), "RevisionId": "a-revision"})


def _share_layer_no_more(self: Any) -> Answer:  # noqa: ANN401
    found, sid = _statements_of_layer(self), unquote(self.path.split("/")[-1].split("?")[0])
    if not any(one["Sid"] == sid for one in found):
        raise _error(404, "ResourceNotFoundException", f"Statement {sid} is not found in resource policy.")
    found[:] = [one for one in found if one["Sid"] != sid]
    return 204, {}, ""


def _layer_version(self: Any) -> tuple[str, str]:  # noqa: ANN401
    _, _, rest = unquote(self.path).partition("/layers/")
    layer, _, version = rest.partition("/versions/")
    return layer, version.split("/")[0]


def _statements_of_layer(self: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    layer, version = _layer_version(self)
    try:
        there = self.backend.get_layer_version(layer, version)
    except Exception as error:  # whatever moto says of it
        raise _error(404, "ResourceNotFoundException", "The resource you requested does not exist.") from error
    kept: list[dict[str, Any]] = there.__dict__.setdefault("statements", [])
    return kept


def _create_url(self: Any) -> Answer:  # noqa: ANN401
    place = _place(self, -2)
    url = {
        "FunctionUrl": f"https://{place.replace(':', '-').lower()}.lambda-url.{REGION}.on.aws/",
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{place}",
        "CreationTime": "2026-11-24T03:09:41.000000Z",
        "InvokeMode": "BUFFERED",
        **json.loads(self.body),
    }
    _kept(self, "urls")[place] = url
    return 201, {}, json.dumps(url)


def _get_url(self: Any) -> Answer:  # noqa: ANN401
    url = _kept(self, "urls").get(_place(self, -2))
    if url is None:
        raise _error(404, "ResourceNotFoundException", "The resource you requested does not exist.")
    return 200, {}, json.dumps(url)


def _update_url(self: Any) -> Answer:  # noqa: ANN401
    url = _kept(self, "urls")[_place(self, -2)]
    url.update(json.loads(self.body))
    return 200, {}, json.dumps(url)


def _reserve(self: Any) -> Answer:  # noqa: ANN401
    """Reserve concurrency, but not less than is provisioned."""
    name, wanted = unquote(self.path.split("/")[-2]), json.loads(self.body)["ReservedConcurrentExecutions"]
    provisioned = sum(amount for place, amount in _kept(self, "provisioned").items() if place.startswith(f"{name}:"))
    if wanted < provisioned:
        message = f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total provisioned concurrency [{provisioned}]."
        raise _error(400, "InvalidParameterValueException", message)
    return _put_concurrency(self)  # type: ignore[return-value]  # an answer


def _provision(self: Any) -> Answer:  # noqa: ANN401
    """Provision concurrency for a version or an alias, within what is reserved."""
    place, wanted = _place(self, -2), json.loads(self.body)["ProvisionedConcurrentExecutions"]
    name, kept = place.partition(":")[0], _kept(self, "provisioned")
    others = sum(amount for other, amount in kept.items() if other.startswith(f"{name}:") and other != place)
    reserved = self.backend.get_function_concurrency(name)
    if reserved is not None and others + wanted > int(reserved):
        message = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        raise _error(400, "InvalidParameterValueException", message)
    kept[place] = wanted
    return 202, {}, json.dumps(_as_provisioned(place, wanted))


def _provisioned(self: Any) -> Answer:  # noqa: ANN401
    """List what is provisioned of a function, one at a time: whoever reads only the first page misses some."""
    name, start = unquote(self.path.split("/")[-2]), int(self.querystring.get("Marker", ["0"])[0])
    self.backend.get_function(name)
    found = [_as_provisioned(place, amount) for place, amount in _kept(self, "provisioned").items() if place.startswith(f"{name}:")]
    more = {"NextMarker": str(start + 1)} if start + 1 < len(found) else {}
    return 200, {}, json.dumps({"ProvisionedConcurrencyConfigs": found[start : start + 1], **more})


def _provision_no_more(self: Any) -> Answer:  # noqa: ANN401
    """Delete the setting; to delete it again does nothing."""
    _kept(self, "provisioned").pop(_place(self, -2), None)
    return 204, {}, ""


def _as_provisioned(place: str, amount: int) -> dict[str, object]:
    ready = {"Status": "READY", "AvailableProvisionedConcurrentExecutions": amount, "AllocatedProvisionedConcurrentExecutions": amount}
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{place}"
    return {"FunctionArn": arn, "RequestedProvisionedConcurrentExecutions": amount, "LastModified": "2026-11-24T03:09:41+0000", **ready}


def _place(self: Any, part: int) -> str:  # noqa: ANN401
    """Return whose policy or URL the request is about: `name` or `name:qualifier`. Raises what AWS says if there is no such function, version or alias."""
    name, qualifier = unquote(self.path.split("/")[part]), self.querystring.get("Qualifier", [None])[0]
    self.backend.get_function(name, qualifier)
    return f"{name}:{qualifier}" if qualifier else name


def _statements(self: Any, place: str) -> list[dict[str, Any]]:  # noqa: ANN401
    statements: list[dict[str, Any]] = _kept(self, "policies").setdefault(place, [])
    return statements


def _kept(self: Any, what: str) -> dict[str, Any]:  # noqa: ANN401
    """Return what is kept with moto's backend, which forgets it when the account is emptied."""
    kept: dict[str, Any] = self.backend.__dict__.setdefault(f"{what}_by_place", {})
    return kept


def _error(status: int, code: str, message: str) -> LambdaClientError:
    error = LambdaClientError(code, message)
    error.code = status
    return error
