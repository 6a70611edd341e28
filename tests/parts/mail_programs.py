"""msmtp, mutt, mbsync, aerc and curl, with what `gumauth link` prints and what it leaves to the person."""

from __future__ import annotations

import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.cli.connecting import Run, in_terminal
from tests.parts.mail_site import HOST, USER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.parts.mail_site import MailSite

MAIL = f"From: {USER}\nTo: grace@example.com\nSubject: Notes\n\nThe engine weaves.\n"


@dataclass(frozen=True)
class Mailer:
    """Somebody's mail programs, started with HOME and PATH alone.

    Args:
        folder: Their home.
        site: Where their mail is.
        link: Gives what `gumauth link` prints for a program.
        command: Prints their token.
        path: Of the programs.
        read: The mails that curl has got.
    """

    folder: Path
    site: MailSite
    link: Callable[[str], str]
    command: str
    path: str
    read: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.folder), "PATH": self.path}

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            input=stdin,
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def write(self, name: str, *lines: str) -> str:
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n")
        return str(file)

    def msmtp(self, mechanism: str) -> subprocess.CompletedProcess[str]:
        """Send a mail by STARTTLS."""
        file = self.write(
            "msmtprc",
            "account default",
            f"host {HOST}",
            f"port {self.site.smtp_port}",
            f"from {USER}",
            "tls on",
            f"tls_trust_file {self.site.certificate}",
            self.link("msmtp").replace("oauthbearer", mechanism),
        )
        return self.run("msmtp", f"--file={file}", "grace@example.com", stdin=MAIL)

    def mbsync(self) -> subprocess.CompletedProcess[str]:
        """Fetch the inbox into `mail/INBOX`."""
        (self.folder / "mail").mkdir(exist_ok=True)
        file = self.write(
            "mbsyncrc",
            "IMAPAccount acme",
            f"Host {HOST}",
            f"Port {self.site.imaps_port}",
            "SSLType IMAPS",
            f"CertificateFile {self.site.certificate}",
            self.link("isync").replace("OAUTHBEARER", "XOAUTH2"),
            "IMAPStore far",
            "Account acme",
            "",
            "MaildirStore near",
            f"Path {self.folder}/mail/",
            f"Inbox {self.folder}/mail/INBOX",
            "",
            "Channel inbox",
            "Far :far:",
            "Near :near:",
            "Sync Pull",
            "Create Near",
        )
        return self.run("mbsync", f"--config={file}", "inbox")

    def fetched(self) -> list[str]:
        """The mails that mbsync has put on this machine."""
        return [file.read_text() for file in sorted((self.folder / "mail" / "INBOX").glob("new/*"))]

    def mutt_sends(self, mechanism: str) -> subprocess.CompletedProcess[str]:
        """Send a mail from a shell line."""
        return self.run("mutt", "-F", self._muttrc(mechanism), "-s", "Notes", "grace@example.com", stdin="It weaves.\n")

    def mutt_reads(self, mechanism: str) -> AbstractContextManager[Run]:
        """On a terminal: open the inbox, copy the first mail to `copied`, and leave."""
        keys = f"push '<copy-message>{self.folder}/copied<enter><exit>'"
        return in_terminal(["mutt", "-F", self._muttrc(mechanism), "-e", keys], self.environ)

    def aerc(self) -> AbstractContextManager[Run]:
        """On a terminal: log in to the inbox."""
        (self.folder / ".config" / "aerc").mkdir(parents=True)
        linked = self.link("aerc").replace("imap+", "imaps+").replace("IMAP.HOST", f"{HOST}:{self.site.imaps_port}")
        self.write(".config/aerc/accounts.conf", "[acme]", linked, f"from = {USER}", "default = INBOX")
        return in_terminal(["aerc"], {**self.environ, "SSL_CERT_FILE": str(self.site.certificate)})

    def _muttrc(self, mechanism: str) -> str:
        return self.write(
            "muttrc",
            self.link("mutt").replace("oauthbearer:xoauth2", mechanism),
            f"set from={USER} folder=imaps://{HOST}:{self.site.imaps_port}/ spoolfile=+INBOX",
            f"set smtp_url=smtps://{USER}@{HOST}:{self.site.smtps_port}",
            f"set certificate_file={self.site.certificate} ssl_force_tls=yes",
            "set copy=no confirmcreate=no sleep_time=0",
        )

    def curl(self) -> subprocess.CompletedProcess[str]:
        """Read the first mail into `read`; the token stands on no command line."""
        url = f"imaps://{HOST}:{self.site.imaps_port}/INBOX;UID=1"
        settings = f'printf \'user = "{USER}"\\noauth2-bearer = "%s"\\n\' "$token"'
        asked = f"token=$({self.command}) && {settings} | curl -sS --cacert {self.site.certificate} -K - '{url}'"
        done = self.run("bash", "-c", asked)
        self.read.extend([done.stdout] * ("algebraic" in done.stdout))
        return done
