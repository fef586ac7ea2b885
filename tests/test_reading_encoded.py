"""Files that are encoded inside data are left out and told; long words of text are not."""

import base64
import json
import random
from pathlib import Path

import pytest
from reading_parts import read

DATA = base64.b64encode(random.Random(1).randbytes(3_000)).decode()
WRAPPED = "\n".join(DATA[at : at + 76] for at in range(0, len(DATA), 76))
URL_SAFE = base64.urlsafe_b64encode(random.Random(2).randbytes(3_001)).decode()
NOTES = ("files inside it that are encoded as letters and digits",)


@pytest.mark.parametrize(
    ("name", "source", "text"),
    [
        ("a.json", json.dumps({"logo": DATA, "of": "Ada"}), "logo: (encoded data)\nof: Ada"),
        ("a.json", json.dumps({"logo": f"data:image/png;base64,{DATA}"}), "logo: data:image/png;base64,(encoded data)"),
        ("a.json", json.dumps({"logo": URL_SAFE, "of": "Ada"}), "logo: (encoded data)\nof: Ada"),
        ("a.jsonl", json.dumps({"logo": WRAPPED, "of": "Ada"}), "logo: (encoded data)\nof: Ada"),
        ("a.xml", f"<a mime='image/png'>\n{WRAPPED}\n</a>", "a.mime: image/png\na.text: (encoded data)"),
        ("a.csv", f"of,logo\nAda,{DATA}\nBo,none\n", "of: Ada; logo: (encoded data)\n\nof: Bo; logo: none"),
        ("a.csv", f'of,logo\nAda,"{WRAPPED}"\nBo,none\n', "of: Ada; logo: (encoded data)\n\nof: Bo; logo: none"),
    ],
)  # fmt: skip
def test_encoded_files_are_left_out_and_told(
    tmp_path: Path, name: str, source: str, text: str
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text == text
    assert extracted.notes == NOTES


@pytest.mark.parametrize("value", ["ACGT" * 500, "af09" * 500, DATA[:300], "_" * 900, "Ab1 " * 300])
def test_other_long_values_stay(tmp_path: Path, value: str) -> None:
    extracted = read(tmp_path, "a.json", json.dumps({"v": value}))
    assert extracted.text == f"v: {value.strip()}"
    assert extracted.notes == ()
