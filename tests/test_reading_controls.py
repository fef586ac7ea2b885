"""What an HTML page shows without text is read: its fields, images, addresses and raised digits."""

from pathlib import Path

import pytest
from reading_parts import read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('Name <input value="Ada Holm">', "Name Ada Holm"),
        ("<label><input type=checkbox checked> By post</label>", "☒ By post"),
        ("<input type=radio id=p><label for=p>By post</label>", "☐ By post"),
        ("To <select><option>Oslo<option selected>Bergen</select>", "To Bergen"),
        ("To <select><option>Oslo<option>Bergen</select>", "To Oslo / Bergen"),
        ("Note <textarea>Ring twice</textarea>", "Note Ring twice"),
        ("<table><tr><td>Valve<td><input type=checkbox></table>", "Valve: ☐"),
        ("Name <input type=password value=pw><input type=hidden value=t1>", "Name"),
        ("<input type=submit value=Send><input type=checkbox>Name", "Name"),
    ],
)
def test_fields_are_read_with_what_they_hold(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, "a.html", f"<form>{source}</form>").text == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<table><tr><td>Audit<td><img alt=passed></table>", "Audit: passed"),
        ('Step 1 <img src="/p/DSC_12.jpg" alt="DSC_12"><img src="p.png" alt="p.png">', "Step 1"),
        ('Call <a href="tel:+4711">the desk</a>.', "Call the desk (+4711)."),
        ('<a href="mailto:a%40b.example?subject=x">Ada</a>', "Ada (a@b.example)"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="tel:+4722114455">22 11 44 55</a>', "22 11 44 55"),
        ('<a href="https://b.example">Ada</a>', "Ada"),
        ("10<sup>6</sup> for 45<sup><a>1</a></sup> euro", "10⁶ for 45¹ euro"),
        ('the 3<sup>rd</sup>, 4<span style="vertical-align: super">2</span>', "the 3rd, 4²"),
        ("<table><tr><td>Valve<td>120<sup>2</sup></table>", "Valve: 120²"),
        ("<h1>45<sup>1</sup> euro</h1>", "45¹ euro"),
    ],
)
def test_images_addresses_and_raised_digits_are_read(
    tmp_path: Path, source: str, text: str
) -> None:
    assert read(tmp_path, "a.html", source).text == text
