"""Set what a load balancer should have, by one look and one call for all of it.

Has enable_lb_logs and enable_lb_protection: both are attributes of the load balancer.
"""

from snapback.engine.together import Together

together = Together(__name__, "enable_lb_logs", "enable_lb_protection")
handler = together.handler
