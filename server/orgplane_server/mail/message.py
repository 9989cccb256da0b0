from __future__ import annotations

import email.policy
import email.utils
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from uuid import UUID

from .content import Content
from .sender import Sender


def message(
    content: Content, sender: Sender, recipient: str, id: UUID, written_at: datetime
) -> EmailMessage:
    """A letter in its form: plain text and HTML, to one address; the same whenever it is made of the same."""
    made = EmailMessage(policy=email.policy.SMTP)
    local, _, domain = recipient.rpartition("@")
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = Address(username=local, domain=domain)
    made["Subject"] = content.subject
    made["Date"] = email.utils.format_datetime(written_at)
    made["Message-ID"] = f"<{id}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers
    made.set_content(content.text)
    made.add_alternative(content.html, subtype="html")
    made.set_boundary(f"={id.hex}=")
    return made
