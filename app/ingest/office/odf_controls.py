"""Write what the fields of a form in an OpenDocument file show; knows nothing of what they ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.ingest.office.odf_xml import local_name, odf
from app.ingest.ticks import tick

_FIELD = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
_SHOWN = {"text", "textarea", "formatted-text", "number", "date", "time", "combobox"}
_VALUES = ("form:current-value", "form:value")
_TICKS = ("form:current-state", "form:current-selected")
"""Left out by LibreOffice where they are not on, whatever the form began with."""
_TICKED = {"checked", "true"}


class Controls:
    """The fields of a file's forms, which its text refers to where they stand."""

    def __init__(self, *sources: Any) -> None:
        self._fields = {
            field.get(odf("form:id")): field
            for source in sources
            for forms in source.iter(odf("office:forms"))
            for field in forms.iter()
        }

    def of(self, control: Any) -> str:
        """Write what is filled in, ticked or chosen in the field that stands here."""
        field = self._fields.get(control.get(odf("draw:control")))
        return "" if field is None else _said(field)


def _said(field: Any) -> str:
    name = local_name(field)
    return _first(field, _VALUES) if name in _SHOWN else _WRITERS.get(name, _nothing)(field)


def _first(field: Any, names: tuple[str, ...]) -> str:
    """Return the first attribute that a field has: what holds now before what held at first."""
    return next((value for name in names if (value := field.get(odf(name))) is not None), "")


def _nothing(field: Any) -> str:
    return ""


def _label(field: Any) -> str:
    return str(field.get(odf("form:label"), ""))


def _box(field: Any) -> str:
    return f"{tick(is_on=_first(field, _TICKS) in _TICKED)} {_label(field)}"


def _chosen(field: Any) -> str:
    options = field.iter(odf("form:option"))
    return " / ".join(_label(option) for option in options if _first(option, _TICKS) in _TICKED)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "checkbox": _box,
    "radio": _box,
    "listbox": _chosen,
    "fixed-text": _label,
    "frame": _label,
}


def old_field(mark: Any) -> str:
    """Write a box or a drop-down list that comes from a form of Word."""
    said = [(one.get(f"{_FIELD}name"), one.get(f"{_FIELD}value") or "") for one in mark]
    values = dict(said)
    if mark.get(f"{_FIELD}type", "").endswith("FORMCHECKBOX"):
        return tick(is_on=values.get("Checkbox_Checked") == "true") + " "
    entries = [value for name, value in said if name == "Dropdown_ListEntry"]
    at = values.get("Dropdown_Selected", "")
    return "".join(entries[int(at) :][:1]) if at.isdigit() else ""
