"""Bytes become the text that was written, whatever encoding they are in."""

from pathlib import Path

import pytest
from reading_parts import read

from app.ingest.readers import UnreadableFile


@pytest.mark.parametrize("sign", "°±µ§½¼×©®²·«»£€–“’…•™ß")
def test_a_western_sign_among_ascii_is_no_letter_of_another_script(
    tmp_path: Path, sign: str
) -> None:
    text = f"Moorings.\n\nKeep it below 40 {sign} 3 in the shed.\n"
    assert read(tmp_path, "a.txt", text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Плата за причал 45 рублей.", "cp1251"),
        ("Το τέλος είναι 45 ευρώ τη νύχτα.", "cp1253"),
        ("Łódź: 45 złotych za noc przy nabrzeżu.", "cp1250"),
        ("La tarifa es de 45 euros por noche, según el año.", "cp1252"),
        ("東京", "shift_jis"),
        ("料金は一泊45ユーロです。", "shift_jis"),
        ("料金は一泊45ユーロです。", "iso2022_jp"),
        ("泊位费用为每晚45欧元。", "gb18030"),
        ("泊位費用為每晚45歐元。", "big5"),
        ("정박료는 하룻밤에 45유로입니다.", "cp949"),
        ("정박료는 하룻밤에 45유로입니다.", "iso2022_kr"),
    ],
)
def test_words_of_any_language_are_read_in_their_encodings(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_a_file_put_together_of_two_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    source = "Das Café schließt.\n".encode("cp1252") + "Größe über 3 Meter, 45 €.\n".encode()
    assert read(tmp_path, "a.txt", source).text == "Das Café schließt.\nGröße über 3 Meter, 45 €.\n"


def test_a_stray_zero_makes_no_binary_file(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", b"The fee\0 is 45 euro.").text == "The fee is 45 euro."
    with pytest.raises(UnreadableFile, match="is binary"):
        read(tmp_path, "a.txt", b"fee\0\0\1\0" * 90)


PRICE = "Von 10–12 Uhr – „Café“: 45,50 €…"
RUSSIAN = "Плата за причал 45 рублей. "


@pytest.mark.parametrize(
    ("text", "declared", "encoding"),
    [
        (PRICE, "iso-8859-1", "cp1252"),
        (PRICE, "ISO_8859-1:1987", "cp1252"),
        (PRICE, "us-ascii", "cp1252"),
        (PRICE, "utf-8", "cp1252"),
        (PRICE, "x-unknown", "cp1252"),
        (PRICE, "iso-8859-1", "utf-8"),
        ("Kasım ayında 10–12 arası: 45 € ğüşıö", "iso-8859-9", "cp1254"),
        ("ราคา 45 บาท – “ถูก”", "tis-620", "cp874"),
        ("料金は①45㌔、髙橋", "shift_jis", "cp932"),
        ("料金は①45、橋", "euc-jp", "euc_jis_2004"),
        ("价格45元，镕基㐂", "gb2312", "gb18030"),
        ("요금은 45유로 똠방각하", "euc-kr", "cp949"),
        (RUSSIAN, "koi8-r", "koi8_r"),
        (RUSSIAN * 3, "utf-8", "cp1251"),
        ("A £5 − 3 〜 9", "shift_jis", "shift_jis"),
    ],
)
def test_what_a_page_or_mail_declares_holds_as_far_as_its_bytes_do(
    tmp_path: Path, text: str, declared: str, encoding: str
) -> None:
    page = f'<meta charset="{declared}"><p>{text}</p>'.encode(encoding)
    assert read(tmp_path, "a.html", page).text == text.strip()
    mail = f'Subject: x\nContent-Type: text/plain; charset="{declared}"\n\n{text}'.encode(encoding)
    assert read(tmp_path, "a.eml", mail).text.endswith(f"\n\n{text.strip()}")


def test_a_damaged_byte_makes_a_declaration_no_lie(tmp_path: Path) -> None:
    text = (
        "料金は一泊45ユーロです。係留は一か月まで無料で、その後は一日ごとに十ユーロを支払います。"
    )
    page = b'<meta charset="shift_jis"><p>' + text.encode("shift_jis") + b"\x81</p>"
    assert read(tmp_path, "a.html", page).text == f"{text}\ufffd"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", b'<?xml version="1.0" encoding="ISO-8859-1"?><a><b>10\x9612 \x80</b></a>'),
        ("a.json", b'{"b": "10\\u009612 \\u0080"}'),
        ("a.txt", "b: 10\x9612 \x80".encode()),
    ],
)
def test_a_sign_of_windows_that_was_read_as_a_control_is_seen(
    tmp_path: Path, name: str, content: bytes
) -> None:
    assert "10–12 €" in read(tmp_path, name, content).text
