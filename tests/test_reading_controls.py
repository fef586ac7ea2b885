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


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<table><tr><td>Lit<td><i class=yes aria-label="Yes"></i></table>', "Lit: Yes"),
        ('<table><tr><td>Lit<td><span title="No"><i></i></span></table>', "Lit: No"),
        ("<table><tr><td>Lit<td><svg><title>Yes</title><path/></svg></table>", "Lit: Yes"),
        ('<table><tr><td>Lit<td><svg aria-label="Yes"><path/></svg></table>', "Lit: Yes"),
        ('<p>Rated <span role=img aria-label="4 of 5">****</span></p>', "Rated ****"),
        ('<p>Sales</p><div role=img aria-label="They rose to 45."></div>', "Sales\n\nThey rose to 45."),
        ('<p>Sales</p><div class=popup aria-label="Popup"></div>', "Sales"),
        ('<p>Sales <a href="/x"><i title="Share"></i></a><svg aria-hidden=true><title>Dot</title></svg></p>', "Sales"),
        ('<p>Sales <i hidden title="Up"></i><svg style="display:none"><text>Up</text></svg></p>', "Sales"),
        (
            "<p>Flow: <svg><title>Plan</title><defs><text>x</text></defs><g><text>Valve <tspan>V3</tspan></text></g>"
            "<text><tspan x=1>feeds</tspan><tspan x=1 dy=9>tank T2</tspan></text></svg></p>",
            "Flow: Valve V3; feeds tank T2",
        ),
        ("<svg><foreignObject><div>Pump</div></foreignObject><text></text></svg>", "Pump"),
        ("<svg><switch><foreignObject requiredFeatures=F><div>Pump</div></foreignObject><text>Pum...</text></switch></svg>", "Pump"),
        ("<svg><text>Pump</text><switch><g requiredFeatures=F /><a><text>Text is not SVG</text></a></switch></svg>", "Pump"),
        ("<svg><switch><foreignObject requiredExtensions=http://ns.adobe.com/A/><p>x</p></foreignObject><g><text>Pump</text></g></switch></svg>", "Pump"),
        ("<svg><switch><foreignObject requiredExtensions=http://www.w3.org/1999/xhtml><p>Pump</p></foreignObject><text>x</text></switch></svg>", "Pump"),
        ("<svg><switch><text systemLanguage=de>Pumpe</text><text systemLanguage=nl>Pomp</text><text>Pump</text></switch></svg>", "Pump"),
        ("<svg><switch><text systemLanguage=de>Pumpe</text><text systemLanguage=nl>Pomp</text></switch></svg>", "Pumpe"),
        ("<svg><title>Plan</title><switch><text requiredExtensions=x>a</text><text requiredExtensions=y>b</text></switch></svg>", "Plan"),
        ("<svg><switch><g><switch><text>Pump</text><text>x</text></switch></g><switch><text>y</text></switch></switch></svg>", "Pump"),
        ("<svg><style>.old{display:none}</style><g class=old><text>x</text></g><g><text>Pump <tspan class=old>P1</tspan></text></g></svg>", "Pump"),
        ("<svg><g style=display:none><text>x</text></g><g display=none><text>y</text></g><text visibility=hidden>z</text><text>Pump</text></svg>", "Pump"),
        ("<svg><foreignObject><s>x</s><div hidden>y</div><style>z</style>Pump</foreignObject></svg>", "Pump"),
        ("<style>.off{visibility:hidden}</style><svg><title>Plan</title><text class=off>x</text></svg>", "Plan"),
    ],
)  # fmt: skip
def test_drawings_and_icons_are_read_by_their_words_or_names(
    tmp_path: Path, source: str, text: str
) -> None:
    assert read(tmp_path, "a.html", f"<title></title>{source}").text == text
