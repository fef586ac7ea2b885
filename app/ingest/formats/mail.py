"""Read e-mails with their attachments; knows nothing of mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import PurePath

from oxmsg import Message

from app.ingest.extracted import ExtractedDocument, TextBuilder, UnreadableFile
from app.ingest.formats.html import add_html

Attach = Callable[[str, bytes, TextBuilder], ExtractedDocument]
"""Reads an attachment of this name as the message around it is read; raises UnreadableFile."""

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read_eml(data: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Add the headers, the text and each attachment under its name."""
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise UnreadableFile("is not a readable e-mail")
    builder.add_lines([f"{name}: {message[name]}" for name in _HEADERS if message[name]])
    body = message.get_body(("plain", "html"))
    if body is not None:
        _add_body(str(body.get_content()), body.get_content_subtype() == "html", builder)
    for part in message.iter_attachments():
        name = part.get_filename() or "message.eml"
        content = part.get_content() if isinstance(part, EmailMessage) else b""
        if isinstance(content, EmailMessage):
            content = content.as_bytes()
        _add(name, content.encode() if isinstance(content, str) else content, builder, attach)


def read_msg(data: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Do the same for what Outlook saves."""
    try:
        message = Message.load(BytesIO(data))
        fields = {"From": message.sender, "Date": message.sent_date, "Subject": message.subject}
        to = ", ".join(f"{r.name} <{r.email_address}>" for r in message.recipients)
        lines = [f"{name}: {value}" for name, value in fields.items() if value]
        builder.add_lines([*lines, f"To: {to}"] if to else lines)
        body, html = message.body or "", message.html_body or ""
        attachments = [(a.file_name, a.file_bytes) for a in message.attachments]
    except Exception as error:  # broken files make the parser raise nearly anything
        raise UnreadableFile("is not a readable Outlook message") from error
    _add_body(body or html, not body, builder)
    for name, content in attachments:
        _add(name or "attachment", content or b"", builder, attach)


def _add_body(text: str, is_html: bool, builder: TextBuilder) -> None:
    if is_html:
        add_html(text, builder)
        return
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        builder.add(paragraph)


def _add(name: str, content: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Add an attachment, or tell why it is not read."""
    name = PurePath(name.replace("\\", "/")).name
    try:
        part = attach(name, content, builder)
        builder.heading(1, f"Attachment {name}")
        builder.include(part)
    except UnreadableFile as error:
        builder.note(f"attachment {name}, which {error.reason}")
