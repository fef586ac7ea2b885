"""Equations of HTML pages come out in one line, in which no two numbers run together."""

from pathlib import Path

import pytest
from reading_parts import read

HALF = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
TEX = '<annotation encoding="application/x-tex">{}</annotation>'
DRAWN = '<span class="drawn" aria-hidden="true"><span>3</span><span>1</span><span>2</span></span>'


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (f"<mn>3</mn>{HALF}", "3 1/2"),
        (f"<mn>3</mn><mo>\u2064</mo>{HALF}", "3 1/2"),
        (f"<mrow>\n <mn>3</mn>\n <mrow>{HALF}</mrow>\n</mrow>", "3 1/2"),
        (f"<semantics><mrow><mn>3</mn>{HALF}</mrow>{TEX.format('3x')}</semantics>", "3 1/2"),
        (f"<semantics><mrow></mrow>{TEX.format('3 x')}</semantics>", "3 x"),
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"),
        ("<mn>2</mn><msup><mi>x</mi><mn>2</mn></msup><mi>y</mi>", "2x^2 y"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "(a+b)^2"),
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>6</mn></mrow></msup>", "10^(−6)"),
        ("<msub><mi>H</mi><mn>2</mn></msub><mi>O</mi>", "H_2 O"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup><mn>3</mn>", "x_1^2 3"),
        ("<mn>2</mn><mi>π</mi><mi>r</mi><mo>\u2062</mo><mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "2πr sin x"),
        ("<msqrt><mn>4</mn><mo>+</mo><mn>5</mn></msqrt>", "sqrt(4+5)"),
        ("<mroot><mn>8</mn><mn>3</mn></mroot>", "root(3, 8)"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mn>9</mn></munderover><mi>i</mi>", "∑_(i=1)^9 i"),
        ("<mover><mi>x</mi><mo>¯</mo></mover><mo>=</mo><mn>4</mn>", "x¯=4"),
        ("<mfenced><mn>1</mn><mn>2</mn></mfenced>", "(1, 2)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable>", "1, 2; 3, 4"),
        ('<mn>10</mn><mspace width="0.17em"/><mn>000</mn><mtext> euro</mtext>', "10 000 euro"),
        ("<mfrac><mn>7</mn></mfrac><mphantom><mn>8</mn></mphantom>", "7"),
    ],
)  # fmt: skip
def test_equations_are_written_in_one_line(tmp_path: Path, marks: str, text: str) -> None:
    page = f"<p>Take <math>{marks}</math>.</p>"
    table = f"<table><tr><td>Sum<td><math>{marks}</math></table>"
    lines = [f"Take {text}.", f"Sum: {text}"]
    assert read(tmp_path, "a.html", page + table).text.split("\n\n") == lines


@pytest.mark.parametrize(
    "source",
    [
        f"<span><span><math><mn>3</mn>{HALF}</math></span>{DRAWN}</span>",
        f"<span>{DRAWN}<span><math><mn>3</mn>{HALF}</math></span></span>",
        '<math alttext="3 1/2"></math>',
        f"3<math>{HALF}</math>",
        f'<math display="block"><mn>3</mn>{HALF}</math>',
        "<m:math><m:mn>3</m:mn><m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac></m:math>",
    ],
)
def test_an_equation_is_read_once_however_it_is_given(tmp_path: Path, source: str) -> None:
    page = f'<p>Take {source} cups <i aria-hidden="true">now</i>.</p>'
    assert read(tmp_path, "a.html", page).text == "Take 3 1/2 cups now."
