"""Set what a database should have, by one look and one call for all of it.

Has enable_db_backups, enable_db_protection and restrict_db_instance: RDS changes an instance by one call, and refuses the next until it has made it.
"""

from snapback.engine.together import Together

together = Together(__name__, "enable_db_backups", "enable_db_protection", "restrict_db_instance")
handler = together.handler
