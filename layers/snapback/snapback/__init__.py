"""Snapback's layer: the one algorithm and the words that handlers share.

Start reading at `remediation`. A handler needs `Remediation`, `Evidence` and `aws`, and the vocabulary of its subject (`network`, …).
"""

from snapback import settings
from snapback.clients import aws
from snapback.journal import Evidence
from snapback.remediation import Remediation, Report

__all__ = ["Evidence", "Remediation", "Report", "aws", "settings"]
