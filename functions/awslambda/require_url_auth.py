"""Ask whoever calls a Lambda function's URL who they are.

Problem: Anybody on the internet can call a function's URL. Severity: high.

Why it matters: a function URL without authentication runs for anybody on the internet who finds it.

Wrong when: the AuthType of the URL of a function or alias is NONE, whatever the function's policy says. A policy that lets in nobody answers 403 today; but
it is AuthType that says what is meant, and one statement, which the console adds by itself, opens the URL to everybody.
Fix: AWS_IAM, so that only signed requests of those who have the permission are let through. Undo sets NONE again.
Leaves alone: the URL itself, its CORS settings and its mode, and the function's policy. A web site that is meant to be public needs an exemption.
Class: disruptive, because whoever calls the URL without signing, as every browser does, is refused.
At once, because anybody may call it from the moment that it is there.
"""

from snapback import Setting
from snapback.awslambda.lambda_functions import named_function, set_url_auth, url_auth

remediation = Setting(
    declared_in=__name__,
    resource="AWS::Lambda::Function",
    named_by={"CreateFunctionUrlConfig": named_function, "UpdateFunctionUrlConfig": named_function},
    reader=url_auth,
    wrong={"AuthType": "NONE"},
    wanted={"AuthType": "AWS_IAM"},
    writer=set_url_auth,
    disruptive=True,
)
handler = remediation.handler
