"""E-mails of all makers come out with every text, invitation and attachment that they hold."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from reading_parts import holds_together, read

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
DTSTART:19700101T000000
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Regatta\\, first
  heat
DTSTART;TZID=Europe/Oslo:20260503T090000
DTEND;VALUE=DATE:20260504
ATTENDEE;CN="Holm; Ada":mailto:ada@club.example
UID:9f3
END:VEVENT
END:VCALENDAR
"""


def text_of(folder: Path, message: EmailMessage | bytes) -> str:
    content = message if isinstance(message, bytes) else message.as_bytes()
    return read(folder, "a.eml", content).text


def letter(text: str = "Body 11.") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Fee"
    message.set_content(text)
    return message


def parts(kind: str, *texts: str) -> bytes:
    """Join parts, each given with its headers."""
    edge = f"edge{sum(map(len, texts))}"
    inner = "".join(f"--{edge}\n{text}\n" for text in texts)
    return f"Subject: Fee\nContent-Type: {kind}; boundary={edge}\n\n{inner}--{edge}--\n".encode()


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        (" \n", "<p>The fee is 45 euro.</p>", "The fee is 45 euro."),
        ("See the other version.", "<p>The fee is 45 euro.</p>", "The fee is 45 euro."),
        ("The fee is\n45 euro: https://b.example", "<p>The fee is 45 euro.</p>", "The fee is\n45 "),
    ],
)
def test_of_two_versions_the_one_that_says_it_is_read(
    tmp_path: Path, plain: str, html: str, text: str
) -> None:
    message = letter(plain)
    message.add_alternative(html, subtype="html")
    message.add_attachment("Crane: 12 tons", filename="crane.txt")
    found = text_of(tmp_path, message)
    assert found.startswith(f"Subject: Fee\n\n{text}")
    assert found.count("45 euro") == 1
    assert found.strip().endswith("Attachment crane.txt\n\nCrane: 12 tons")


@pytest.mark.parametrize("kind", ["mixed", "alternative", "signed", "both"])
def test_an_invitation_is_read_with_its_times_and_people(tmp_path: Path, kind: str) -> None:
    message = letter()
    if kind in ("alternative", "both"):
        message.add_alternative(INVITATION, subtype="calendar")
    if kind != "alternative":
        message.add_attachment(INVITATION, subtype="calendar", filename="invite.ics")
    wrapped = parts("multipart/signed", message.as_string(), "Content-Type: a/pgp-signature\n\nx")
    found = text_of(tmp_path, wrapped if kind == "signed" else message)
    assert found.split("\n\n")[1:] == [
        "Body 11.",
        "Method: REQUEST\nEvent: Regatta, first heat\nStart: 2026-05-03 09:00 Europe/Oslo\n"
        "End: 2026-05-03\nAttendee: Holm; Ada <ada@club.example>",
    ]


def test_texts_after_an_attachment_are_texts_of_the_message(tmp_path: Path) -> None:
    named = "Content-Type: text/csv; name=fees.csv\n\nBerth,Fee\nA1,40"
    inner = parts("multipart/mixed", "\nBody 11.", named).decode().removeprefix("Subject: Fee\n")
    image = "Content-Type: image/png\n\nx"
    html = "Content-Type: text/html\n\n<p>Key K4.</p>"
    message = parts("multipart/mixed", inner, "\nThe deposit is 900 euro.", html, image)
    extracted = read(tmp_path, "a.eml", message)
    assert extracted.text.split("\n\n")[1:4] == ["Body 11.", "The deposit is 900 euro.", "Key K4."]
    assert holds_together(extracted, "Attachment fees.csv", "Berth: A1; Fee: 40")
    assert extracted.notes == (
        "attachment image.png, which has a type that is not supported: .png",
    )


def test_a_delivery_status_is_read(tmp_path: Path) -> None:
    status = "Content-Type: message/delivery-status\n\nMTA: b.example\n\nStatus: 5.1.1\nAction: x"
    found = text_of(tmp_path, parts("multipart/report", "\nNot delivered.", status))
    assert found.endswith("Not delivered.\n\nMTA: b.example\n\nStatus: 5.1.1\nAction: x")


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Type: text/plain; charset=x-unknown", "Die Gebühr beträgt 45 €.".encode()),
        ("From: Jörg", "Die Gebühr beträgt 45 €.".encode("cp1252")),
        ("Content-Type: text/plain; charset=iso-2022-jp", "料金45".encode("iso-2022-jp")),
    ],
)
def test_letters_beyond_ascii_are_read_whatever_is_declared(
    tmp_path: Path, head: str, body: bytes
) -> None:
    found = text_of(tmp_path, f"{head}\nSubject: Gebühr\n\n".encode("cp1252") + body)
    assert "Subject: Gebühr" in found
    assert "Die Gebühr beträgt 45 €." in found or "料金45" in found


@pytest.mark.parametrize(
    ("delsp", "text"),
    [
        ("no", "The rent is paid monthly.\n- x\n\n> It was\n> 40 euro a week."),
        ("yes", "The rentis"),
    ],
)
def test_lines_that_flow_are_joined(tmp_path: Path, delsp: str, text: str) -> None:
    source = "The rent \nis paid \nmonthly.\n- x\n\n> It was\n> 40 euro \n> a week.\n\n-- \nAda"
    kind = f"Content-Type: text/plain; format=flowed; delsp={delsp}"
    found = text_of(tmp_path, f"Subject: Fee\n{kind}\n\n{source}".encode())
    assert found.removeprefix("Subject: Fee\n\n").startswith(text)
    assert found.endswith("--\nAda")


def test_a_quoted_message_is_marked_as_one(tmp_path: Path) -> None:
    message = letter()
    quoted = "<h2>Fees</h2><table><tr><td>A1<td>40</table><blockquote>No.</blockquote>"
    source = f"<p>It is 45.<blockquote>{quoted}</blockquote><p>Ada"
    message.set_content(source, subtype="html")
    found = text_of(tmp_path, message)
    assert found.split("\n\n")[1:] == ["It is 45.", "> Fees", "> A1: 40", "> > No.", "Ada"]


def test_a_mail_of_many_replies_is_read(tmp_path: Path) -> None:
    message = letter()
    message.set_content("<blockquote>" * 900 + "It is 45.", subtype="html")
    assert text_of(tmp_path, message).endswith(" It is 45.")
