"""Which frameworks ask for which of Security Hub's controls, as AWS's table of controls says.

https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html (as of March 2026)

Only controls that a rule in the template hears are here; a test fails where one of those is missing.
"""

from collections.abc import Mapping
from typing import Final

FRAMEWORKS: Final[Mapping[str, str]] = {
    "AWS Foundational Security Best Practices": (
        "ACM.1 CloudFront.3 CloudTrail.2 CloudTrail.4 CloudTrail.5 Cognito.2 Config.1 DocumentDB.3 DocumentDB.5 DynamoDB.2 DynamoDB.6 EC2.1 EC2.2 "
        "EC2.6 EC2.7 EC2.8 EC2.15 EC2.19 EC2.21 EC2.23 EC2.182 EKS.1 ELB.1 ELB.5 ELB.6 ELB.17 ElastiCache.4 ElastiCache.5 IAM.1 IAM.3 IAM.5 IAM.7 "
        "IAM.8 IAM.21 KMS.3 KMS.5 Lambda.1 Neptune.3 Neptune.4 RDS.1 RDS.2 RDS.7 RDS.8 RDS.11 S3.1 S3.2 S3.3 S3.5 S3.8 S3.9 SSM.4 SSM.7 "
        "SecretsManager.1 SecretsManager.4"
    ),
    "CIS AWS Foundations Benchmark v1.2.0": (
        "CloudTrail.2 CloudTrail.4 CloudTrail.5 CloudTrail.6 CloudTrail.7 Config.1 EC2.2 EC2.6 EC2.13 EC2.14 IAM.1 IAM.3 IAM.5 IAM.8 IAM.11 IAM.12 "
        "IAM.13 IAM.14 IAM.15 IAM.16 IAM.17 KMS.4"
    ),
    "CIS AWS Foundations Benchmark v1.4.0": (
        "CloudTrail.2 CloudTrail.4 CloudTrail.5 CloudTrail.6 CloudTrail.7 Config.1 EC2.2 EC2.6 EC2.7 EC2.21 IAM.1 IAM.3 IAM.5 IAM.15 IAM.16 IAM.22 "
        "KMS.4 S3.1 S3.5 S3.8"
    ),
    "CIS AWS Foundations Benchmark v3.0.0": (
        "CloudTrail.2 CloudTrail.4 CloudTrail.7 Config.1 EC2.2 EC2.6 EC2.7 EC2.8 EC2.21 EC2.53 EC2.54 IAM.3 IAM.5 IAM.15 IAM.16 IAM.22 KMS.4 RDS.2 "
        "S3.1 S3.5 S3.8"
    ),
    "CIS AWS Foundations Benchmark v5.0.0": (
        "CloudTrail.2 CloudTrail.4 CloudTrail.7 Config.1 EC2.2 EC2.6 EC2.7 EC2.8 EC2.21 EC2.53 EC2.54 IAM.3 IAM.5 IAM.15 IAM.16 IAM.22 KMS.4 RDS.2 "
        "S3.1 S3.5 S3.8"
    ),
    "NIST SP 800-171 Rev. 2": (
        "ACM.1 CloudTrail.2 CloudTrail.4 EC2.6 EC2.13 EC2.19 EC2.21 IAM.1 IAM.7 IAM.8 IAM.10 IAM.11 IAM.12 IAM.13 IAM.14 IAM.15 IAM.16 IAM.19 IAM.21 "
        "IAM.22 S3.5 S3.9 S3.14 S3.17"
    ),
    "NIST SP 800-53 Rev. 5": (
        "ACM.1 CloudFront.3 CloudTrail.2 CloudTrail.4 CloudTrail.5 CloudWatch.16 Config.1 DocumentDB.3 DocumentDB.5 DynamoDB.2 DynamoDB.6 EC2.1 EC2.2 "
        "EC2.6 EC2.7 EC2.8 EC2.13 EC2.15 EC2.19 EC2.21 EC2.23 EKS.1 ELB.1 ELB.5 ELB.6 ELB.16 ELB.17 ElastiCache.4 ElastiCache.5 IAM.1 IAM.3 IAM.5 "
        "IAM.7 IAM.8 IAM.19 IAM.21 KMS.3 KMS.4 Lambda.1 Neptune.3 Neptune.4 RDS.1 RDS.2 RDS.7 RDS.8 RDS.11 S3.1 S3.2 S3.3 S3.5 S3.8 S3.9 S3.14 S3.17 "
        "SSM.4 SecretsManager.1 SecretsManager.4"
    ),
    "PCI DSS v3.2.1": (
        "CloudTrail.2 CloudTrail.4 CloudTrail.5 Config.1 EC2.1 EC2.2 EC2.6 EC2.13 ELB.1 IAM.1 IAM.8 IAM.10 IAM.19 KMS.4 Lambda.1 RDS.1 RDS.2 S3.1 "
        "S3.2 S3.3 S3.5"
    ),
    "PCI DSS v4.0.1": (
        "ACM.1 CloudFront.3 CloudTrail.2 CloudTrail.4 CloudTrail.5 CloudTrail.6 CloudTrail.7 DocumentDB.3 EC2.8 EC2.13 EC2.14 EC2.15 EC2.21 EC2.53 "
        "EC2.54 EKS.1 ElastiCache.5 IAM.3 IAM.5 IAM.7 IAM.8 IAM.11 IAM.12 IAM.14 IAM.16 IAM.17 IAM.19 KMS.4 Lambda.1 Neptune.3 RDS.2 S3.1 S3.5 S3.8 "
        "S3.9 S3.17 SecretsManager.1 SecretsManager.4"
    ),
}
"""Framework -> the controls that it asks for."""
