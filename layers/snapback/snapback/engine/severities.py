"""How bad a problem or a threat is: a word, and a number from 0 to 100 on the scale of Security Hub's finding format.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html
"""

from collections.abc import Mapping
from typing import Final

SCORES: Final[Mapping[str, int]] = {"critical": 90, "high": 70, "medium": 40, "low": 1, "informational": 0}
"""Word -> the number that Security Hub gives a finding that says only the word: the lowest with which it is still called that."""


def word_of(score: int) -> str:
    """Return the word for a number."""
    return next(word for word, lowest in SCORES.items() if score >= lowest)


def of_guardduty(severity: float) -> int:
    """Return the number for GuardDuty's own, which is ten times as fine and has the same bounds: 7 is high, 9 critical.

    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
    """
    return max(1, min(100, round(severity * 10)))
