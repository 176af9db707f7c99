from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

from django.core.mail.backends.base import BaseEmailBackend


class BrokenMail(BaseEmailBackend):
    """A mail server that is down."""

    def send_messages(self, email_messages):
        raise SMTPServerDisconnected("nobody answers")


class RefusingMail(BaseEmailBackend):
    """A mail server that does not know the address, and says so with it."""

    def send_messages(self, email_messages):
        to = email_messages[0].to[0]
        raise SMTPRecipientsRefused({to: (550, b"no such mailbox")})
