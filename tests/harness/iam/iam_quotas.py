"""IAM's quotas, which moto lacks but for the versions of a policy: how long policies may be, and how many a user, group or role may have.

White space does not count. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html

And AWSDenyAll, of all of AWS's own policies the one that Snapback attaches: moto has them only where all of them are loaded, which takes long.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSDenyAll.html
"""

import json
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.exceptions import LimitExceededException
from moto.iam.models import AWSManagedPolicy, IAMBackend

from tests.harness.scenario import ACCOUNT, REGION

_INLINE: Final = {"user": 2048, "group": 5120, "role": 10240}
_TRUST, _MANAGED, _ATTACHED = 2048, 6144, 10
_KINDS = ("user", "group", "role")
_OTHERS = ("create_policy", "create_policy_version", "create_role", "update_assume_role_policy")
_moto: dict[str, Any] = {name: getattr(IAMBackend, name) for name in [*(f"{verb}_{kind}_policy" for verb in ("put", "attach") for kind in _KINDS), *_OTHERS]}


def as_on_aws() -> None:
    """Let what is too long or too many be refused: LimitExceeded."""
    for kind in _KINDS:
        setattr(IAMBackend, f"put_{kind}_policy", _putting(kind))
        setattr(IAMBackend, f"attach_{kind}_policy", _attaching(kind))
    for name, position, most, quota in (
        ("create_policy", "policy_document", _MANAGED, "PolicySize"),
        ("create_policy_version", "policy_document", _MANAGED, "PolicySize"),
        ("create_role", "assume_role_policy_document", _TRUST, "ACLSizePerRole"),
        ("update_assume_role_policy", "policy_document", _TRUST, "ACLSizePerRole"),
    ):
        setattr(IAMBackend, name, _writing(name, position, most, quota))


def filling(kind: str, room: int = 0) -> str:
    """Return an inline policy so long that the holder, which has none yet, has just that much room left."""
    statement = {"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    statement["Sid"] = "A" * (_INLINE[kind] - room - _length(json.dumps(document)))
    return json.dumps(document)


def _length(document: str) -> int:
    return len("".join(document.split()))


def _putting(kind: str) -> Any:  # noqa: ANN401 - a method of moto's
    def put(backend: Any, holder: str, policy_name: str, policy_json: str) -> None:  # noqa: ANN401 - moto's
        there = dict(getattr(backend, f"get_{kind}")(holder).policies)
        if sum(_length(document) for document in {**there, policy_name: policy_json}.values()) > _INLINE[kind]:
            raise LimitExceededException(f"Maximum policy size of {_INLINE[kind]} bytes exceeded for {kind} {holder}")
        _moto[f"put_{kind}_policy"](backend, holder, policy_name, policy_json)

    return put


def _attaching(kind: str) -> Any:  # noqa: ANN401 - a method of moto's
    def attach(backend: Any, policy_arn: str, holder: str) -> None:  # noqa: ANN401 - moto's
        attached = getattr(backend, f"get_{kind}")(holder).managed_policies
        if policy_arn not in attached and len(attached) >= _ATTACHED:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {_ATTACHED}")
        if policy_arn.endswith(":aws:policy/AWSDenyAll") and policy_arn not in backend.managed_policies:
            backend.managed_policies[policy_arn] = AWSManagedPolicy.from_data("AWSDenyAll", ACCOUNT, REGION, aws_managed_policies_data_of("AWSDenyAll"))
        _moto[f"attach_{kind}_policy"](backend, policy_arn, holder)

    return attach


def aws_managed_policies_data_of(name: str) -> dict[str, Any]:
    """Return what moto knows of one of AWS's own policies."""
    found: dict[str, Any] = json.loads(aws_managed_policies_data)[name]
    return found


def _writing(name: str, parameter: str, most: int, quota: str) -> Any:  # noqa: ANN401 - a method of moto's
    def write(backend: Any, *named: Any, **others: Any) -> Any:  # noqa: ANN401 - moto's
        document = others.get(parameter) or next((one for one in named if isinstance(one, str) and one.lstrip().startswith("{")), "")
        if _length(document) > most:
            raise LimitExceededException(f"Cannot exceed quota for {quota}: {most}")
        return _moto[name](backend, *named, **others)

    return write
