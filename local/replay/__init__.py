"""Replay: the account's own past, held against the template's own rules.

`rules`     which rules there are, and which of them hear what a trail records
`matching`  EventBridge's judgement whether an event is for a rule
`envelope`  the event that EventBridge would have delivered for a record of CloudTrail's
`files`     a trail's files, on disk or in S3
`athena`    an organisation's trail, by Athena
"""
