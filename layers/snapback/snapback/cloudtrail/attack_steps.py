"""Words for calls that intruders are known to make and that nobody takes back: ways in past IAM, data that is taken, blows, and what is to be paid by others.

Chosen by what emulations of attacks do and reports of intrusions tell, where it is seldom part of a day's work. Where no real record was seen, the members are
called after the API's. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from snapback.cloudtrail import identity_center
from snapback.engine import settings
from snapback.engine.events import request_of
from snapback.engine.names import shown
from snapback.engine.steps import Record, Step
from snapback.policies.documents import listed
from snapback.policies.principals import account_of, trusted_accounts

_MANY: Final = 10
"""Of calls that destroy, within ten minutes."""

_SOON: Final = 7
"""Days in which nobody is likely to notice, and to stop, what a bucket begins to delete."""

Told = Callable[[Record], str]


def _always(what: str) -> Told:
    return lambda _: what


def _about(what: str, *members: str) -> Told:
    """Return what tells the call with the first of these members that its request has."""

    def told(record: Record) -> str:
        request = request_of(record)
        named = next((request[member] for member in members if request.get(member)), "")
        return f"{what} {', '.join(shown(one) for one in listed(named))}" if named else what.rstrip(":")

    return told


def _if(member: str, value: str, what: str) -> Told:
    """Return what tells the call if its request says so there; a request that the record lacks may have."""
    return lambda record: what if str(request_of(record).get(member, value)).lower() == value else ""


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _strangers(value: object) -> list[str]:
    """Return the accounts of others that are named anywhere in it, by number or in an ARN."""
    friends = trusted_accounts() | settings.words("THIRD_PARTY_ACCOUNTS")
    return sorted({account for text in _texts(value) if (account := account_of(text)) and account not in friends})


def _to_strangers(what: str, *members: str) -> Told:
    """Return what tells the call if one of these members names an account of others; without members, the whole request."""

    def told(record: Record) -> str:
        request = request_of(record)
        found = _strangers([request.get(member) for member in members] if members else request)
        return f"{what} {', '.join(found)}" if found else ""

    return told


def _instance(record: Record) -> str:
    """Judge a change of an instance: what it runs at its next start, and whether it can be terminated."""
    request = request_of(record)
    which = shown(request.get("instanceId", "an instance"))
    if "userData" in request or request.get("attribute") == "userData":
        return f"What {which} runs when it starts (its user data) was replaced"
    if str((request.get("disableApiTermination") or {}).get("value", "")).lower() == "false":
        return f"The termination protection of {which} was taken off"
    return ""


def _layers(record: Record) -> str:
    """Judge the layers that a function is given: each runs with its rights."""
    request = request_of(record)
    layers = request.get("layers") or []
    if not layers:
        return ""
    strangers = _strangers(layers)
    whose = f" of the accounts of others {', '.join(strangers)}" if strangers else ""
    return f"The function {shown(request.get('functionName'))} was given layers{whose}, which run with its rights"


def _encryption(record: Record) -> str:
    """Judge the default encryption of a bucket: by a key of somebody else, or open again to keys that only the caller knows.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html
    """
    request = request_of(record)
    bucket = shown(request.get("bucketName", "a bucket"))
    setting = request.get("serverSideEncryptionConfiguration")
    if found := _strangers(setting):
        return f"The bucket {bucket} encrypts by a key of the account {', '.join(found)} from now on: that account decides who reads it"
    if "NONE" in _texts(_member(setting, "blockedEncryptionTypes")):
        return f"The bucket {bucket} takes objects again that are encrypted by keys which only the caller knows (SSE-C)"
    return ""


def _member(value: object, name: str) -> object:
    """Return the first member of that name, anywhere in it."""
    if isinstance(value, Mapping) and name in value:
        return value[name]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((found for one in inner if (found := _member(one, name)) is not None), None)


def _replication(record: Record) -> str:
    """Tell where the objects of a bucket are copied to. Whose that bucket is, its name does not say, and a request need not.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html
    """
    request = request_of(record)
    setting = request.get("replicationConfiguration")
    if (account := _member(setting, "account")) and not _strangers(account):
        return ""
    whose = f", of the account {shown(account)}" if account else ": see whose it is"
    return f"What is written to the bucket {shown(request.get('bucketName'))} is copied to {shown(_member(setting, 'bucket') or 'another')}{whose}"


def _lifecycle(record: Record) -> str:
    """Judge whether a bucket deletes all that is in it within days, as those do who ask for a ransom; a rule for a part of it is everybody's housekeeping.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
    """
    request = request_of(record)
    rules = listed(_member(request.get("lifecycleConfiguration"), "rule") or [])
    soon = [days for rule in rules if isinstance(rule, Mapping) and (days := _deletes_all_after(rule))]
    if not soon:
        return ""
    after = f"{min(soon)} days" if min(soon) > 1 else "a day"
    return f"The bucket {shown(request.get('bucketName'))} deletes all that is in it {after} after it was written"


def _deletes_all_after(rule: Mapping[str, object]) -> int:
    """Return after how many days the rule deletes every object, if that is soon; 0 if it does not."""
    days, narrowed = _member(rule.get("expiration"), "days"), rule.get("filter") or rule.get("prefix")
    prefix = narrowed.get("prefix") if isinstance(narrowed, Mapping) and narrowed.keys() == {"prefix"} else narrowed
    is_for_all = prefix in (None, "", "*")
    return days if isinstance(days, int) and days <= _SOON and is_for_all and rule.get("status") == "Enabled" else 0


def _cluster_admin(record: Record) -> str:
    """Judge which access to a cluster somebody was given. https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html."""
    request = request_of(record)
    policy = str(request.get("policyArn", "")).rpartition("/")[2]
    if policy not in ("AmazonEKSAdminPolicy", "AmazonEKSClusterAdminPolicy", ""):
        return ""
    return f"{shown(request.get('principalArn'))} was made an administrator of the cluster {shown(request.get('name') or request.get('clusterName'))}"


def _notebook(record: Record) -> str:
    request = request_of(record)
    given = [what for member, what in (("lifecycleConfigName", "what it runs when it starts"), ("roleArn", "its role")) if request.get(member)]
    return f"Of the notebook {shown(request.get('notebookInstanceName'))} {' and '.join(given)} was replaced" if given else ""


def _federation(record: Record) -> str:
    """Tell which session was made, of which a key that is deactivated later takes nothing away.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_disable-perms.html
    """
    return f"A session named {shown(request_of(record).get('name'))} was made, which goes on for up to 36 hours even if the key is deactivated"


def _sign_in(record: Record) -> str:
    """Judge a sign-in of a user: a password alone opened the console."""
    succeeded = (record.get("responseElements") or {}).get("ConsoleLogin") == "Success"
    without = (record.get("additionalEventData") or {}).get("MFAUsed") == "No"
    return "A user signed in to the console without MFA" if succeeded and without and record["userIdentity"].get("type") == "IAMUser" else ""


def _denied_model(record: Record) -> str:
    is_denied = str(record.get("errorCode", "")).startswith("AccessDenied")
    return f"A model in Bedrock was tried without the right to: {shown(request_of(record).get('modelId'))}" if is_denied else ""


_MODELS: Final = Step(_about("Access to models in Bedrock was asked for:", "modelId"), is_daily=True, kind="model access", refused="too")
_DELETION: Final = Step(_always("Things are deleted or stopped one after the other"), series=_MANY, kind="deletions")
_SHARED: Final = Step(_to_strangers("Something was shared by Resource Access Manager with the accounts of others", "principals"))
_KEYS: Final = "Whoever holds this store of keys can shut it, and with it all that is encrypted by them:"
_SHUT: Final = "What is encrypted by the keys of this store cannot be read while it is cut off or in other hands:"
_SENDERS: Final = Step(_about("E-mail may be sent in the name of:", "emailIdentity", "emailAddress", "domain"), is_daily=True, kind="senders of e-mail")
_TAKEN: Final = "Data is written out of the service that guards it:"

CALLS: Final[Mapping[tuple[str, str], Step]] = {
    # Ways in past IAM, and further on
    ("rolesanywhere", "CreateTrustAnchor"): Step(_about("Whoever has a certificate of this authority gets in (IAM Roles Anywhere):", "name")),
    ("rolesanywhere", "UpdateTrustAnchor"): Step(_about("Another authority's certificates may get in (IAM Roles Anywhere):", "trustAnchorId")),
    ("rolesanywhere", "CreateProfile"): Step(_about("Roles can be taken by certificate (IAM Roles Anywhere):", "roleArns")),
    ("sts", "GetFederationToken"): Step(_federation, is_daily=True),
    ("sts", "AssumeRoot"): Step(_about("Somebody works as the root user of an account of the organisation:", "targetPrincipal")),
    ("signin", "ConsoleLogin"): Step(_sign_in, is_daily=True, refused="too"),
    ("ec2", "EnableSerialConsoleAccess"): Step(_always("The serial console of instances can be reached: undone by `aws ec2 disable-serial-console-access`")),
    ("ec2-instance-connect", "SendSerialConsoleSSHPublicKey"): Step(_about("Somebody goes in by the serial console:", "instanceId"), is_daily=True),
    ("ec2-instance-connect", "SendSSHPublicKey"): Step(
        _always("Somebody goes into one instance after the other by EC2 Instance Connect"), series=3, kind="SSH keys", each="instanceId"
    ),
    ("ssm", "StartSession"): Step(_always("Somebody goes into one instance after the other by Session Manager"), series=5, kind="sessions", each="target"),
    ("ec2", "ModifyInstanceAttribute"): Step(_instance),
    ("ec2", "AssociateIamInstanceProfile"): Step(_about("An instance was given a role:", "instanceId"), is_daily=True),
    ("ec2", "ReplaceIamInstanceProfileAssociation"): Step(_about("An instance was given another role:", "associationId"), is_daily=True),
    ("lambda", "CreateFunction"): Step(_to_strangers("A function was made with layers of the accounts of others", "layers"), is_daily=True),
    ("lambda", "UpdateFunctionConfiguration"): Step(_layers, is_daily=True),
    ("sagemaker", "UpdateNotebookInstance"): Step(_notebook),
    ("sagemaker", "UpdateNotebookInstanceLifecycleConfig"): Step(
        _about("What notebooks run when they start was replaced:", "notebookInstanceLifecycleConfigName")
    ),
    ("eks", "AssociateAccessPolicy"): Step(_cluster_admin),
    **identity_center.CALLS,
    # What is taken
    ("ec2", "CreateInstanceExportTask"): Step(_about(_TAKEN, "instanceId"), is_daily=True),
    ("ec2", "CreateStoreImageTask"): Step(_about(_TAKEN, "imageId"), is_daily=True),
    ("ec2", "ExportImage"): Step(_about(_TAKEN, "imageId"), is_daily=True),
    ("ec2", "CreateTrafficMirrorSession"): Step(_about("The traffic of a network interface is copied to another:", "networkInterfaceId"), is_daily=True),
    ("rds", "StartExportTask"): Step(_about(_TAKEN, "sourceArn"), is_daily=True),
    ("dynamodb", "ExportTableToPointInTime"): Step(_about(_TAKEN, "tableArn"), is_daily=True),
    ("s3", "PutBucketReplication"): Step(_replication, is_daily=True),
    ("s3", "PutBucketNotification"): Step(_to_strangers("What is written to a bucket is told to the accounts of others:"), is_daily=True),
    ("logs", "PutSubscriptionFilter"): Step(_to_strangers("What a log tells is sent to the accounts of others:", "destinationArn"), is_daily=True),
    ("ram", "AssociateResourceShare"): _SHARED,
    ("ram", "CreateResourceShare"): _SHARED,
    # Blows
    ("organizations", "LeaveOrganization"): Step(_always("Somebody tried to take the account out of its organisation"), refused="only"),
    ("organizations", "AcceptHandshake"): Step(_always("The account takes an invitation of another organisation, or gives new rights to its own")),
    ("organizations", "CloseAccount"): Step(_about("An account was closed:", "accountId"), refused="too"),
    ("organizations", "CreateAccount"): Step(_about("An account was made in the organisation:", "accountName", "email"), is_daily=True),
    ("organizations", "InviteAccountToOrganization"): Step(_always("An account of others was invited into the organisation"), is_daily=True),
    ("organizations", "RemoveAccountFromOrganization"): Step(_about("An account was taken out of the organisation:", "accountId"), refused="too"),
    ("organizations", "RegisterDelegatedAdministrator"): Step(_about("An account may administer a service for the whole organisation:", "accountId")),
    ("account", "EnableRegion"): Step(_about("A region was switched on, where perhaps nobody looks:", "regionName")),
    ("account", "PutAlternateContact"): Step(_always("Whom AWS writes to about the account was changed")),
    ("account", "StartPrimaryEmailUpdate"): Step(_always("The root user's e-mail address is being changed"), refused="too"),
    ("account", "AcceptPrimaryEmailUpdate"): Step(_always("The root user's e-mail address was changed")),
    ("route53domains", "TransferDomainToAnotherAwsAccount"): Step(_about("A domain is given to another account:", "domainName"), refused="too"),
    ("route53domains", "DisableDomainTransferLock"): Step(_about("A domain may be taken to another registrar:", "domainName")),
    ("ec2", "DeregisterImage"): Step(_about("An image was deregistered:", "imageId"), is_daily=True),
    ("kms", "DeleteImportedKeyMaterial"): Step(_about("What was encrypted with this key can be read no more until its material is imported again:", "keyId")),
    ("kms", "ImportKeyMaterial"): Step(_about("A key has material from outside, which its owner can take away again:", "keyId"), is_daily=True),
    ("kms", "CreateCustomKeyStore"): Step(_about(_KEYS, "customKeyStoreName")),
    **{("kms", f"{verb}CustomKeyStore"): Step(_about(_SHUT, "customKeyStoreId")) for verb in ("Delete", "Disconnect", "Update")},
    ("backup", "DeleteBackupVault"): Step(_about("A backup vault was deleted:", "backupVaultName")),
    ("backup", "DeleteBackupVaultLockConfiguration"): Step(_about("The lock of a backup vault was taken off:", "backupVaultName")),
    ("backup", "DeleteBackupPlan"): Step(_about("A plan for backups was deleted:", "backupPlanId")),
    ("logs", "DeleteLogGroup"): Step(_about("A log was deleted, with what it tells of anybody:", "logGroupName"), is_daily=True),
    ("logs", "DeleteLogStream"): Step(_about("A part of a log was deleted, with what it tells of anybody:", "logGroupName"), is_daily=True),
    ("s3", "PutBucketEncryption"): Step(_encryption),
    ("s3", "PutBucketLifecycle"): Step(_lifecycle, is_daily=True),
    **{
        (service, name): _DELETION
        for service, names in {
            "backup": ("DeleteRecoveryPoint",),
            "dynamodb": ("DeleteTable",),
            "ec2": ("DeleteSnapshot", "DeleteVolume", "StopInstances", "TerminateInstances"),
            "rds": ("DeleteDBCluster", "DeleteDBClusterSnapshot", "DeleteDBInstance", "DeleteDBSnapshot"),
            "s3": ("DeleteBucket",),
        }.items()
        for name in names
    },
    # What others are to pay for
    **{("bedrock", name): _MODELS for name in ("CreateFoundationModelAgreement", "PutFoundationModelEntitlement", "PutUseCaseForModelAccess")},
    ("bedrock", "DeleteModelInvocationLoggingConfiguration"): Step(_always("What models in Bedrock are asked is not recorded any more")),
    ("bedrock", "PutModelInvocationLoggingConfiguration"): Step(_always("Where it is recorded what models in Bedrock are asked was changed")),
    **{("bedrock", name): Step(_denied_model, is_daily=True, refused="only") for name in ("InvokeModel", "InvokeModelWithResponseStream")},
    ("ses", "PutAccountDetails"): Step(_always("The right to send e-mail to anybody was asked for"), refused="too"),
    ("ses", "PutAccountSendingAttributes"): Step(_if("sendingEnabled", "true", "The account may send e-mail again")),
    ("ses", "UpdateAccountSendingEnabled"): Step(_if("enabled", "true", "The account may send e-mail again")),
    **{("ses", name): _SENDERS for name in ("CreateEmailIdentity", "VerifyDomainIdentity", "VerifyEmailIdentity")},
    ("sns", "SetSMSAttributes"): Step(_always("How text messages are sent, and what they may cost, was changed")),
    ("servicequotas", "RequestServiceQuotaIncrease"): Step(_about("A higher quota was asked for:", "quotaCode"), is_daily=True),
}
