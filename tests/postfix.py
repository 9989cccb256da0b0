"""A real Postfix on a loopback port, which takes mail by STARTTLS alone, for those that it knows."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import certificates
import toolchains
from processes import eventually

_SBIN = "/usr/sbin:/usr/bin"
_DAEMONS = Path("/usr/lib/postfix/sbin")
#: Whose mail it is, to the system.
_NOBODY = 65534
_SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Has a mailbox for `recipient`; everybody else there is unknown, and no mail goes elsewhere."""

    def __init__(self, folder: Path, recipient: str, certificate: certificates.Certificate) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._mail = folder / "mail"
        for each in (self._mail, folder / "queue", folder / "data", folder / "etc"):
            each.mkdir(mode=0o755)
        os.chown(self._mail, _NOBODY, _NOBODY)
        shutil.chown(folder / "data", "postfix", "postfix")
        domain = recipient.partition("@")[2]
        (folder / "etc/main.cf").write_text(
            f"""compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {_DAEMONS}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
mynetworks = 192.0.2.1
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = inline:{{{recipient}=box/}}
alias_maps =
virtual_mailbox_base = {self._mail}
virtual_uid_maps = static:{_NOBODY}
virtual_gid_maps = static:{_NOBODY}
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate.pem}
smtpd_tls_key_file = {certificate.key}
smtpd_recipient_restrictions = reject_unauth_destination
"""
        )
        (folder / "etc/master.cf").write_text(
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n{_SERVICES}"
        )
        self._process = subprocess.Popen(
            [str(shutil.which("postfix", path=_SBIN)), "-c", folder / "etc", "start-fg"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        eventually(self._listens)

    def letters(self) -> list[EmailMessage]:
        """What has been put into the mailbox, the oldest first."""
        found = sorted((self._mail / "box/new").glob("*"), key=lambda each: each.stat().st_mtime_ns)
        taken = [
            email.message_from_bytes(each.read_bytes(), policy=email.policy.default)
            for each in found
        ]
        return [each for each in taken if isinstance(each, EmailMessage)]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _listens(self) -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def postfix(recipient: str, certificate: certificates.Certificate) -> Iterator[Postfix]:
    if shutil.which("postfix", path=_SBIN) is None:
        toolchains.missing("postfix is not installed")
    if os.geteuid() != 0:
        toolchains.missing("only root starts Postfix")
    folder = Path(tempfile.mkdtemp(prefix="orgplane-postfix-"))
    folder.chmod(0o755)
    try:
        server = Postfix(folder, recipient, certificate)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
