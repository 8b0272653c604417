"""Default security groups as AWS makes them: moto's own lie about them, put right at this one place.

AWS's begin with an inbound rule for all traffic from the group itself; moto's have none.
https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
"""

import boto3


def default_group_as_on_aws(vpc: str) -> str:
    """Return the VPC's default group, with the rules that AWS gives to one."""
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = boto3.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]  # type: ignore[arg-type]
    boto3.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}])
    return group
