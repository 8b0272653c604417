"""A word for the services that an account switches on in a region, or off: GuardDuty, Security Hub, Inspector and Macie."""

from snapback import memory, settings


def seen_on(remediation: str, *, now: object) -> list[str]:
    """Return this account if the service is on now, or if a sweep of the remediation has seen it on: where it never was, nobody misses it."""
    account = settings.own_account()
    return [account] if now or memory.recall(remediation, account) else []
