"""Whom of AWS's own accounts a bucket has to let in, so that services that have no principal for it write their logs there.

To everybody else these look like strangers: Access Analyzer finds them, as it finds any account that is named. What they are let do here is to write.
"""

from typing import Final

from snapback.policies.documents import Statement, listed
from snapback.policies.principals import Ours, ours
from snapback.policies.verdicts import Denials, outsiders

LOAD_BALANCING: Final = frozenset(
    {
        *("127311923021", "033677994240", "027434742980", "797873946194"),  # us-east-1, -2, us-west-1, -2
        *("098369216593", "754344448648", "589379963580", "718504428378"),  # af-south-1, ap-east-1, ap-southeast-3, ap-south-1
        *("582318560864", "600734575887", "383597477331"),  # ap-northeast-1, -2, -3
        *("114774131450", "783225319266", "985666609251"),  # ap-southeast-1, -2, ca-central-1
        *("054676820928", "897822967062", "635631232127"),  # eu-central-1, eu-north-1, eu-south-1
        *("156460612806", "652711504416", "009996457667"),  # eu-west-1, -2, -3
        *("076674570225", "507241528517"),  # me-south-1, sa-east-1
        *("190560391635", "048591011584"),  # us-gov-east-1, us-gov-west-1
        *("638102146993", "037604701340"),  # cn-north-1, cn-northwest-1
    }
)
"""Elastic Load Balancing's accounts in the regions that have one; newer regions have a service principal instead.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

CLOUDFRONT: Final = frozenset(
    {
        "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
        "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",  # in China
    }
)
"""Canonical ids of the account `awslogsdelivery`, which CloudFront itself writes into the ACL of a bucket that takes its standard logs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
"""

_WRITING: Final = ("s3:putobject", "s3:abort")
"""How the actions begin that only write objects."""


def with_log_writers(we: Ours, statement: Statement) -> Ours:
    """Return us together with the accounts of Elastic Load Balancing, where the statement lets whom it names do nothing but write objects."""
    actions = [str(action).lower() for action in listed(statement.get("Action", "*"))]
    only_writes = bool(actions) and all(action.startswith(_WRITING) for action in actions)
    return we._replace(accounts=we.accounts | LOAD_BALANCING) if only_writes else we


def outsiders_of_bucket(statement: Statement, denials: Denials) -> list[str]:
    """Return the outsiders whom a statement of a bucket policy lets in; without those of AWS who write the logs of load balancers and do nothing else."""
    return outsiders(statement, denials, we=with_log_writers(ours(), statement))
