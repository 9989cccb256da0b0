"""What one request may ask for: as the operator has it, and what bounds its work.

Identity providers send less: Entra some hundreds of operations, Okta some thousands of members.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes of a body that is read at once, on the event loop; larger ones take turns, on a thread.
SMALL_BYTES = 16 * 1024
#: The same of a PATCH, in which it is the operations that take long.
SMALL_PATCH_BYTES = 1024
#: Objects, lists, members and elements of a body in sum; 20,000 members have 40,000.
MAX_VALUES = 60_000
#: Members in one list of them.
MAX_MEMBERS = 20_000
#: Entries in any other list of an attribute, such as `emails`.
MAX_ENTRIES = 500
#: Operations of a PATCH as they are sent; neighbours of a group's that do the same are one step.
MAX_OPERATIONS = 5_000
#: What of a request is noted as ignored: more than its answer can name.
MAX_IGNORED = 1_001


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_request_bytes` bounds a body, `page_size` a page, which has as many if the client does not say."""

    max_request_bytes: int
    page_size: int
