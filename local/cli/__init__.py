"""`snapback`, the command for operators: what waits for a person, what was done, and the answers to it.

    python -m local.cli --help        in this repository, or make snapback ARGS="status"
    pipx install . && snapback --help anywhere else

It talks to a deployed stack by boto3 with the operator's own credentials: outputs and resources of the stack, rows of the journal, and `lambda invoke` with the
payloads of docs/operating.md. What it may do is theirs to be allowed; it decides nothing that the functions do not decide again.
"""
