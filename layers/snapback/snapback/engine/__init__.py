"""What every remediation stands on: the one algorithm, the journal, the alerts. Start reading at `remediation`. It knows no service's words."""
