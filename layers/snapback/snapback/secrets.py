"""Words for the secrets of AWS Secrets Manager, never for what is in them.

A secret is called by its name or by its ARN; here it goes by its ARN, whichever an event gives.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
"""

from snapback.clients import aws


def arn_of_secret(name: str) -> str:
    """Return the ARN of the secret, from its name or its ARN.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
    """
    return aws("secretsmanager").get_resource_policy(SecretId=name)["ARN"]


def secret_policy(secret: str) -> str | None:
    """Return the text of the secret's policy, or None if it has none.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
    """
    return aws("secretsmanager").get_resource_policy(SecretId=secret).get("ResourcePolicy")


def put_secret_policy(secret: str, document: str | None) -> None:
    """Put the policy, or remove it where nothing is left of it.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
    """
    if document is None:
        aws("secretsmanager").delete_resource_policy(SecretId=secret)
    else:
        aws("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=document)
