"""Where the shape of each event that a rule hears is known from; test_shapes.py holds this to the rules, both ways.

REAL: a successful record of the call with its request was seen, published with an attack simulation, a detection rule's test data or a bug report.
A page: AWS's page that shows the event or names its parts.
BY_NAME: nobody has been seen to show one. Its parts are called after the API's, so every form that they may take is read (test_shapes.py makes these forms).
"""

from collections.abc import Mapping, Sequence
from typing import Final

REAL: Final = "a real record"
BY_NAME: Final = "the API's names only"

CALLS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "access-analyzer": {BY_NAME: ["DeleteAnalyzer"]},
    "backup": {BY_NAME: ["PutBackupVaultAccessPolicy"]},
    "cloudfront": {
        REAL: ["CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution"],
        BY_NAME: ["CopyDistribution", "UpdateDistributionWithStagingConfig"],
    },
    "cloudtrail": {REAL: ["DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"]},
    "cognito-identity": {REAL: ["CreateIdentityPool"], BY_NAME: ["UpdateIdentityPool"]},
    "config": {
        REAL: ["DeleteConfigurationRecorder", "DeleteDeliveryChannel", "StopConfigurationRecorder"],
        "https://docs.aws.amazon.com/config/latest/developerguide/log-api-calls.html": ["PutConfigurationRecorder", "PutDeliveryChannel"],
        BY_NAME: ["DisassociateResourceTypes"],
    },
    "dynamodb": {
        REAL: ["CreateTable", "UpdateTable"],
        BY_NAME: [
            "ImportTable",
            "PutResourcePolicy",
            "RestoreTableFromAwsBackup",
            "RestoreTableFromBackup",
            "RestoreTableToPointInTime",
            "UpdateContinuousBackups",
        ],
    },
    "ec2": {
        REAL: [
            *("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateNetworkAclEntry", "CreateSubnet", "CreateTransitGateway", "CreateVpc"),
            *("DeleteFlowLogs", "DeleteNetworkAclEntry", "DisableEbsEncryptionByDefault", "ModifyImageAttribute", "ModifyInstanceMetadataOptions"),
            *("ModifySecurityGroupRules", "ModifySnapshotAttribute", "ReplaceNetworkAclEntry", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
            *("ModifyInstanceAttribute", "RunInstances"),
        ],
        BY_NAME: [
            *("AttachNetworkInterface", "ModifyNetworkInterfaceAttribute"),
            *("CreateDefaultSubnet", "CreateDefaultVpc", "CreateVpcEndpoint", "DisableImageBlockPublicAccess", "DisableSnapshotBlockPublicAccess"),
            *("EnableSnapshotBlockPublicAccess", "ModifyManagedPrefixList", "ModifySubnetAttribute", "ModifyTransitGateway", "ModifyVpcEndpoint"),
            *("ModifyVpcEndpointServicePermissions", "RestoreImageFromRecycleBin", "RestoreManagedPrefixListVersion", "RestoreSnapshotFromRecycleBin"),
        ],
    },
    "ecr": {REAL: ["SetRepositoryPolicy"]},
    "eks": {REAL: ["CreateCluster", "UpdateClusterConfig"]},
    "elasticache": {BY_NAME: ["CreateReplicationGroup", "ModifyReplicationGroup"]},
    "elasticfilesystem": {BY_NAME: ["PutFileSystemPolicy"]},
    "elasticloadbalancing": {REAL: ["CreateLoadBalancer"], BY_NAME: ["CreateListener", "ModifyListener", "ModifyLoadBalancerAttributes"]},
    "events": {BY_NAME: ["PutPermission"]},
    "guardduty": {REAL: ["DeleteDetector", "UpdateDetector"], BY_NAME: ["CreateFilter", "UpdateFilter"]},
    "iam": {
        REAL: [
            *("AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreateLoginProfile", "CreatePolicy", "CreatePolicyVersion", "CreateRole"),
            *("DeactivateMFADevice", "DeleteAccountPasswordPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "SetDefaultPolicyVersion"),
            *("DeleteRolePolicy", "DeleteUserPolicy", "DetachUserPolicy", "UpdateAccessKey", "UpdateAccountPasswordPolicy", "UpdateAssumeRolePolicy"),
        ],
        BY_NAME: [
            *("AddUserToGroup", "DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary", "PutRolePermissionsBoundary"),
            "PutUserPermissionsBoundary",
        ],
    },
    "inspector2": {BY_NAME: ["Disable"]},
    "kms": {
        REAL: ["CreateGrant", "CreateKey", "DisableKey", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion"],
    },
    "lambda": {
        REAL: ["AddPermission20150331", "AddPermission20150331v2", "CreateFunctionUrlConfig"],
        BY_NAME: [
            *("AddLayerVersionPermission", "AddLayerVersionPermission20181031"),
            *("DeleteFunctionConcurrency", "DeleteFunctionConcurrency20171031", "PutFunctionConcurrency", "PutFunctionConcurrency20171031"),
            *("CreateFunctionUrlConfig20211031", "PutResourcePolicy", "PutResourcePolicy20260709"),
            *("UpdateFunctionUrlConfig", "UpdateFunctionUrlConfig20211031"),
        ],
    },
    "logs": {REAL: ["CreateLogGroup"], BY_NAME: ["DeleteRetentionPolicy"]},
    "macie2": {REAL: ["DisableMacie", "UpdateMacieSession"]},
    "monitoring": {REAL: ["DeleteAlarms"], BY_NAME: ["DisableAlarmActions", "PutCompositeAlarm", "PutMetricAlarm"]},
    "organizations": {REAL: ["DetachPolicy", "DisablePolicyType", "UpdatePolicy"], BY_NAME: ["DeletePolicy", "MoveAccount"]},
    "rds": {
        REAL: [
            *("CreateDBCluster", "CreateDBInstance", "ModifyDBCluster", "ModifyDBClusterSnapshotAttribute", "ModifyDBInstance", "ModifyDBSnapshotAttribute"),
        ],
        BY_NAME: ["RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"],
    },
    "s3": {
        REAL: [
            *("CreateBucket", "DeleteAccountPublicAccessBlock", "DeleteBucketEncryption", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock"),
            *("PutAccountPublicAccessBlock", "PutBucketAcl", "PutBucketEncryption", "PutBucketLifecycle", "PutBucketLogging", "PutBucketPolicy"),
            *("PutBucketPublicAccessBlock", "PutBucketVersioning", "PutObjectAcl"),
        ],
    },
    "secretsmanager": {REAL: ["DeleteSecret", "PutResourcePolicy"], BY_NAME: ["CancelRotateSecret"]},
    "securityhub": {BY_NAME: ["BatchDisableStandards", "DisableSecurityHub"]},
    "shield": {REAL: ["DeleteProtection"]},
    "sns": {BY_NAME: ["AddPermission", "CreateTopic", "SetTopicAttributes"]},
    "sqs": {REAL: ["AddPermission", "CreateQueue", "SetQueueAttributes"]},
    "ssm": {REAL: ["PutParameter"], BY_NAME: ["ModifyDocumentPermission", "ResetServiceSetting", "UpdateServiceSetting"]},
    "wafv2": {REAL: ["DisassociateWebACL", "UpdateIPSet"]},
}
"""Service -> where the shape is known from -> the calls that the rules hear (CloudTrail's names, with the API versions behind some)."""

_ACCOUNT: Final = "AWS::::Account"

CONTROLS: Final[Mapping[str, str]] = {
    "ACM.1": "AWS::ACM::Certificate",
    "CloudFront.3": "AWS::CloudFront::Distribution",
    **dict.fromkeys(("CloudTrail.2", "CloudTrail.4", "CloudTrail.5"), "AWS::CloudTrail::Trail"),
    **dict.fromkeys(("CloudTrail.6", "CloudTrail.7"), "AWS::S3::Bucket"),
    "CloudWatch.16": "AWS::Logs::LogGroup",
    "Cognito.2": "AWS::Cognito::IdentityPool",
    "Config.1": _ACCOUNT,
    "DocumentDB.3": "AWS::RDS::DBClusterSnapshot",
    "DocumentDB.5": "AWS::RDS::DBCluster",
    **dict.fromkeys(("DynamoDB.2", "DynamoDB.6"), "AWS::DynamoDB::Table"),
    **dict.fromkeys(("EC2.1", "EC2.7"), _ACCOUNT),
    **dict.fromkeys(("EC2.2", "EC2.13", "EC2.14", "EC2.19", "EC2.53", "EC2.54"), "AWS::EC2::SecurityGroup"),
    "EC2.6": "AWS::EC2::VPC",
    "EC2.8": "AWS::EC2::Instance",
    "EC2.15": "AWS::EC2::Subnet",
    "EC2.21": "AWS::EC2::NetworkAcl",
    "EC2.23": "AWS::EC2::TransitGateway",
    "EC2.182": "AWS::EC2::SnapshotBlockPublicAccess",
    "EKS.1": "AWS::EKS::Cluster",
    **dict.fromkeys(("ELB.1", "ELB.5", "ELB.6", "ELB.16"), "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    "ELB.17": "AWS::ElasticLoadBalancingV2::Listener",
    **dict.fromkeys(("ElastiCache.4", "ElastiCache.5"), "AWS::ElastiCache::ReplicationGroup"),
    **dict.fromkeys(("IAM.1", "IAM.21"), "AWS::IAM::Policy"),
    **dict.fromkeys(("IAM.3", "IAM.5", "IAM.8", "IAM.19", "IAM.22"), "AWS::IAM::User"),
    **dict.fromkeys((f"IAM.{number}" for number in (7, *range(10, 18))), _ACCOUNT),
    **dict.fromkeys(("KMS.3", "KMS.4", "KMS.5"), "AWS::KMS::Key"),
    "Lambda.1": "AWS::Lambda::Function",
    "Neptune.3": "AWS::RDS::DBClusterSnapshot",
    "Neptune.4": "AWS::RDS::DBCluster",
    "RDS.1": "AWS::RDS::DBClusterSnapshot AWS::RDS::DBSnapshot",
    **dict.fromkeys(("RDS.2", "RDS.8", "RDS.11"), "AWS::RDS::DBInstance"),
    "RDS.7": "AWS::RDS::DBCluster",
    "S3.1": _ACCOUNT,
    **dict.fromkeys((f"S3.{number}" for number in (2, 3, 5, 8, 9, 14, 17)), "AWS::S3::Bucket"),
    "SSM.4": "AWS::SSM::Document",
    "SSM.7": _ACCOUNT,
    **dict.fromkeys(("SecretsManager.1", "SecretsManager.4"), "AWS::SecretsManager::Secret"),
}
"""Control of Security Hub -> the resource types that AWS's page of the control names (securityhub/latest/userguide/ec2-controls.html and so on).

ELB.5 is about classic load balancers as well, of which no remediation knows anything. CloudTrail.6 and .7 are about the trail's bucket: their texts say so.
"""

CALLED_OTHERWISE: Final[Mapping[str, str]] = {
    "AWS::ACM::Certificate": "AwsCertificateManagerCertificate",
    "AWS::EC2::SnapshotBlockPublicAccess": "AwsAccount AwsEc2SnapshotBlockPublicAccess",
}
"""Types that Security Hub's findings spell as another than is made of Config's name, or may spell in two ways, as far as is known."""

_CONFIG: Final = "https://docs.aws.amazon.com/config/latest/developerguide/"

_CONTROL_TOWER: Final = "https://docs.aws.amazon.com/controltower/latest/controlreference/strongly-recommended-controls.html"

CONFIG_RULES: Final[Mapping[str, str]] = {
    "AWSControlTower_AWS-GR_RESTRICTED_": _CONTROL_TOWER,
    "AWSControlTower_AWS-GR_S3_BUCKET_": _CONTROL_TOWER,
    "access-keys-rotated": "access-keys-rotated",
    "iam-user-unused-credentials-check": "iam-user-unused-credentials-check",
    "restricted-common-ports": "restricted-common-ports",
    "restricted-rdp": "restricted-common-ports",  # the name that Security Hub gives to this rule where it is for port 3389
    "restricted-ssh": "restricted-ssh",
    "s3-bucket-level-": "s3-bucket-level-public-access-prohibited",
    "s3-bucket-public-": "s3-bucket-public-read-prohibited",  # and -write-
    "vpc-default-security-group-closed": "vpc-default-security-group-closed",
    "vpc-sg-port-restriction-check": "vpc-sg-port-restriction-check",
    "vpc-sg-restricted-common-ports": "",  # Security Hub's own (EC2.19)
}
"""How the names of Config rules begin, after `securityhub-` or `OrgConfigRule-` where Security Hub or an organisation has made them -> the page of the rule."""

FINDINGS: Final[Mapping[str, str]] = {
    "GuardDuty Finding": "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_cloudwatch.html",
    "Macie Finding": "https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html",
    "Inspector2 Finding": "https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html",
    "Access Analyzer Finding": "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html",
    "Config Rules Compliance Change": "https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html",
    "Security Hub Findings - Imported": "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html",
    "Security Hub Findings - Custom Action": "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html",
    "Findings Imported V2": "https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-formats.html",
    "AWS Health Event": "https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html",
    "Trusted Advisor Check Item Refresh Notification": "https://docs.aws.amazon.com/awssupport/latest/user/cloudwatch-events-ta.html",
    "ACM Certificate Approaching Expiration": "https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html",
    "CloudFormation Stack Status Change": "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html",
    "CloudWatch Alarm State Change": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html",
    "RDS DB Instance Event": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html",
    "RDS DB Cluster Event": "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html",
    "AWS Console Sign In via CloudTrail": "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html",
    "AWS Console Signin via CloudTrail": "https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html",
    "AWS API Call via CloudTrail": "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
    "AWS Service Event via CloudTrail": "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html",
}
"""Detail-type -> AWS's page about these events. GuardDuty's, Security Hub's and Access Analyzer's were seen as well; Health's of RISK and OCSF's never."""

HEALTH_CODES: Final[Mapping[str, str]] = {"AWS_RISK_": BY_NAME}
"""How the codes of Health's events begin -> where it is known from what they name. Whatever they name is read, and told where it is no access key."""
