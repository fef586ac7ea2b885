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
        ("泊位费用为每晚45欧元。", "gb18030"),
        ("泊位費用為每晚45歐元。", "big5"),
        ("정박료는 하룻밤에 45유로입니다.", "cp949"),
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
