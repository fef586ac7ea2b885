"""Read e-mails with their attachments; knows nothing of mailboxes."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import Message
from io import BytesIO
from pathlib import PurePath

from oxmsg import Message as OutlookMessage

from app.ingest.extracted import Attach, TextBuilder, UnreadableFile
from app.ingest.formats.calendars import calendar_lines
from app.ingest.formats.html import add_html
from app.ingest.formats.mail_parts import (
    content_of,
    inside,
    is_attached,
    is_body,
    is_calendar,
    leaves,
    name_of,
    stands_in,
    text_of_part,
    with_known_headers,
)

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_RECIPIENT_TYPE = 0x0C15  # the number that Outlook gives this property
_KIND = 0xF  # beside it Outlook keeps whether a message is sent again
_RECIPIENTS = {1: "To", 2: "Cc", 3: "Bcc"}


def read_eml(data: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Add the headers, the text and each attachment under its name."""
    message = message_from_bytes(with_known_headers(data), policy=policy.default)
    if not message.keys():
        raise UnreadableFile("is not a readable e-mail")
    builder.add_lines([f"{name}: {message[name]}" for name in _HEADERS if message[name]])
    invited: set[tuple[str, ...]] = set()  # a calendar may come as a text and attached
    for part in sorted(leaves(message, builder.limit), key=is_attached):
        try:
            _add_part(part, builder, attach, invited)
        except UnreadableFile as error:
            builder.note(f"part {name_of(part)}, which {error.reason}")


def _add_part(
    part: Message, builder: TextBuilder, attach: Attach, invited: set[tuple[str, ...]]
) -> None:
    if is_attached(part):
        _add(name_of(part), content_of(part), builder, attach)
    elif is_calendar(part):
        lines = tuple(calendar_lines(text_of_part(part)))
        builder.add_lines([] if lines in invited else list(lines))
        invited.add(lines)
    elif is_body(part):
        _add_body(text_of_part(part), part.get_content_type() == "text/html", builder)
    for block in () if is_attached(part) else inside(part):  # of a delivery status
        builder.add_lines([f"{name}: {value}" for name, value in block.items()])


def read_msg(data: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Do the same for what Outlook saves."""
    try:
        message = OutlookMessage.load(BytesIO(data))
        fields: dict[str, object] = {"From": message.sender, "Date": message.sent_date}
        fields |= {"Subject": message.subject, **_recipients(message)}
        builder.add_lines([f"{name}: {value}" for name, value in fields.items() if value])
        body, html = message.body or "", message.html_body or ""
        attachments = [(a.file_name, a.file_bytes) for a in message.attachments]
    except Exception as error:  # broken files make the parser raise nearly anything
        raise UnreadableFile("is not a readable Outlook message") from error
    rich = bool(html) and stands_in(body, html, builder.limit)
    _add_body(html if rich else body, rich, builder)
    for name, content in attachments:
        _add(name or "attachment", content or b"", builder, attach)


def _recipients(message: OutlookMessage) -> dict[str, str]:
    """Return who gets a message, each in the field in which its sender named them."""
    named: dict[str, list[str]] = {field: [] for field in _RECIPIENTS.values()}
    for one in message.recipients:
        kind = one.properties.int_prop_value(_RECIPIENT_TYPE) or 0
        field = _RECIPIENTS.get(kind & _KIND, "To")
        named[field].append(f"{one.name} <{one.email_address}>")
    return {field: ", ".join(them) for field, them in named.items()}


def _add_body(text: str, is_html: bool, builder: TextBuilder) -> None:
    if is_html:
        add_html(text, builder, "mail")
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
