"""Numbers, dates and durations are written as their formats show them in a spreadsheet program."""

from datetime import datetime, time, timedelta

import pytest

from app.ingest.number_formats.shown import shown

ACCOUNT = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'
AFTERNOON = datetime(2026, 5, 3, 14, 30, 5, 250_000)


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (1067, "00000", "01067"),
        (7, '"INV-"0000', "INV-0007"),
        (5551234567, "000-000-0000", "555-123-4567"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (5, "0##", "005"),
        (12.5, ".00", "12.50"),
        (5, "0.##", "5"),
        (5.126, "#,##0.###", "5.126"),
        (5, '0. "place"', "5. place"),
    ],
)
def test_digits_stand_at_their_places(value: float, shape: str, written: str) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"M"', "1.2M"),
        (0.0725, "0.00%", "7.25%"),
        (5, '0"%"', "5%"),
        (123456, "0.00E+00", "1.23E+05"),
        (0.0000042, "0.0E+00", "4.2E-06"),
        (999_999, "0.00E+00", "1.00E+06"),
        (12345, "##0.0E+0", "12.3E+3"),
        (0.5, "# ?/?", "1/2"),
        (-2.375, "# ?/8", "-2 3/8"),
        (0.999, "# ?/8", "1"),
        (1.5, "?/?", "3/2"),
    ],
)
def test_scales_powers_and_fractions_keep_the_amount(
    value: float, shape: str, written: str
) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (2.5, "0", "3"),
        (0.125, "0.00", "0.13"),
        (1.005, "0.00", "1.01"),
        (-2.5, "0", "-3"),
        (-0.001, "0.00", "0.00"),
        (10**20, "0", "1" + "0" * 20),
    ],
)
def test_halves_are_rounded_up(value: float, shape: str, written: str) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (1234.5, ACCOUNT, "1,234.50 €"),
        (-1234.5, ACCOUNT, "-1,234.50 €"),
        (0, ACCOUNT, "- €"),
        (0, '"Yes";"Yes";"No"', "No"),
        (1, '[=1]"open";[=2]"closed";0', "open"),
        (2500, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "2.5K"),
        (5, '[>=1000000]0.0,,"M";[>=1000]0.0,"K";0', "5"),
        (-3, '[<0]"minus "0;0', "minus 3"),
        (4711, ";;;", ""),
        ("Ada", ";;;", ""),
        ("Ada", '0;-0;0;"Ms "@', "Ms Ada"),
        (-12.5, '"$"#,##0.00_);[Red]("$"#,##0.00)', "($12.50)"),
        (5, '"Item #"0', "Item #5"),
        (5, "0 kg", "5 kg"),
    ],
)
def test_the_section_is_chosen_by_sign_zero_condition_and_text(
    value: object, shape: str, written: str
) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (-1234.1, "#,##0.00;[Red]#,##0.00", "-1,234.10"),
        (1234.1, "#,##0.00;[Red]#,##0.00", "1,234.10"),
        (-1234.1, "#,##0.00_);[Red]#,##0.00_)", "-1,234.10"),
        (-3, '0" kg";[Color 3]0" kg";0', "-3 kg"),
        (-0.25, "0%;[Red]0%;0;@", "-25%"),
        (-3, "[Blue]General;[Red]General", "-3"),
        (-3, "[Red][<0]0;0", "-3"),
        (-3, "[<0][Red]0;[>=0][Black]0", "-3"),
        (-3, "0.0;[Red]0", "-3"),
        (-0.001, "0.00;[Red]0.00", "0.00"),
        (-3, '0" credit";[Red]0" debit"', "3 debit"),
        (-3, "0;[Red]-0", "-3"),
        (-3, "0;[Red](0)", "(3)"),
        (-3, "0;[Red]", ""),
        (-3, '"owed";[Red]"owed"', "owed"),
        (-3, "0;0", "3"),
        (-3, "[Red]0;[Red]0", "3"),
    ],
)
def test_a_colour_alone_takes_no_sign_from_an_amount(
    value: float, shape: str, written: str
) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (AFTERNOON, "h:mm AM/PM", "2:30 PM"),
        (datetime(2026, 5, 3, 0, 15), "[$-409]m/d/yy h:mm AM/PM;@", "5/3/26 12:15 AM"),
        (AFTERNOON, "hh:mm:ss.000", "14:30:05.250"),
        (AFTERNOON, "hh:mm d/m", "14:30 3/5"),
        (time(0, 7, 5), "mm:ss.0", "07:05.0"),
        (AFTERNOON, "mmmm", "May"),
        (AFTERNOON, "yyyy-mm-ddThh:mm", "2026-05-03T14:30"),
        (AFTERNOON, "yyyy年m月d日", "2026年5月3日"),
        (timedelta(hours=25, minutes=30), "[h]:mm", "25:30"),
        (timedelta(minutes=90), "[mm]", "90"),
        (timedelta(hours=-3), "[h]:mm", "-3:00"),
        (1.0625, "[h]:mm", "25:30"),
        (46054.75, "yyyy\\-mm\\-dd hh:mm", "2026-02-01 18:00"),
    ],
)
def test_times_and_durations_have_their_hours(value: object, shape: str, written: str) -> None:
    assert shown(value, shape) == written


@pytest.mark.parametrize(
    ("value", "shape", "written"),
    [
        (5.25, "0.0.0", "5.25"),
        (5, "[>10]0", "5"),
        (5, "[>1.2.3]0", "5"),
        (1.5, "# ?/?#8", "1 1/28"),
        (123_456_789, "[mm]", "123456789"),
        (5, "0" * 300, "5"),
        (-7, "yyyy", "-7"),
        (1e9, "yyyy", "1000000000"),
        (float("nan"), "0.00", "nan"),
        (datetime(2026, 5, 1), '[$-411]ggge"年"m"月"', "2026-05-01 00:00:00"),
        (datetime(2026, 5, 1), "TT.MM.JJJJ", "2026-05-01 00:00:00"),
        (timedelta(hours=30), "General", "1 day, 6:00:00"),
    ],
)
def test_a_format_without_sense_leaves_the_value(value: object, shape: str, written: str) -> None:
    assert shown(value, shape) == written
