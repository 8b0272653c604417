"""Set what a table should have, one after the other.

Has enable_table_backups and enable_table_protection: DynamoDB has a call for each, and may refuse one while it is at work on the other.
"""

from snapback.engine.together import Together

together = Together(__name__, "enable_table_backups", "enable_table_protection")
handler = together.handler
