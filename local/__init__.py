"""A local AWS account: the whole of Snapback, deployed and running, without AWS and without Docker.

[ministack](https://pypi.org/project/ministack/) plays AWS, the real `sam build` and `sam deploy` put the template into it,
and `LocalAccount` sends it events as AWS would. `make demo`, `make invoke` and `tests/deployed` use it:
see `local.account` for how, and `local.server` for where ministack differs from AWS and what is done about it.
"""
