"""Report a visit.

There is nothing to fix.
"""

from snapback.engine.remediation import Report

remediation = Report(resource="AWS::EC2::SecurityGroup", named_by={"Visit": "name"}, facts=lambda detail: [{"Visitor": detail["visitor"]}])
