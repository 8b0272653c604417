"""`make bench`: Snapback beside Cloud Custodian and bare boto3: the same problem, the same local account, a fresh process each.

`contenders`  the three, each a program that reads an event's file and puts the problem right
`race`        runs them in turn and measures whole processes
`growth`      what a larger group, a larger account and a storm cost
"""
