"""Snapback's layer. A handler needs `Remediation`, `Setting` or `Report`, `Evidence`, `aws` and `settings`, and the words of its own service.

`engine` has the algorithm and all that only it knows, `policies` judges whom a policy lets in, and each service has its words in a package of its name.
Start reading at `engine.algorithm`. A function that has several remediations has them by `engine.together`.
"""

import gc

gc.disable()  # nothing of what a cold start imports is garbage: it need not be looked through while it comes in, …

import urllib3  # noqa: E402, F401 - first, not from deep within botocore: there Python 3.11 asks the system for the same piece of its stack 2,300 times

from snapback.engine import settings  # noqa: E402
from snapback.engine.clients import aws  # noqa: E402
from snapback.engine.fixes import Evidence  # noqa: E402
from snapback.engine.remediation import Remediation, Report, Setting  # noqa: E402

gc.freeze()  # … nor by the collections of the time after
gc.enable()

__all__ = ["Evidence", "Remediation", "Report", "Setting", "aws", "settings"]
