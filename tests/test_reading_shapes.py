"""Points of shapes on maps are left out and told; what is said of the shapes is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from reading_parts import read

RING = [[10.1 + n / 1000, 54.2 + n / 1000] for n in range(200)]
NOTES = ("points of shapes on maps",)


def feature(name: str, kind: str, coordinates: list[Any]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}


POLYGON = "features.type: Feature; features.properties.name: Harbour; features.geometry.type: Polygon; features.geometry.coordinates: (200 points)"
POINT = "features.type: Feature; features.properties.name: Pier; features.geometry.type: Point; features.geometry.coordinates: 10.1, 54.2"
COLLECTION = {
    "type": "FeatureCollection",
    "features": [feature("Harbour", "Polygon", [RING]), feature("Pier", "Point", [10.1, 54.2])],
}


@pytest.mark.parametrize("name", ["a.json", "a.geojson"])
def test_points_of_long_shapes_are_left_out_and_told(tmp_path: Path, name: str) -> None:
    extracted = read(tmp_path, name, json.dumps(COLLECTION))
    assert extracted.text.split("\n\n") == ["type: FeatureCollection", POLYGON, POINT]
    assert extracted.notes == NOTES


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson"])
def test_each_line_may_hold_a_shape(tmp_path: Path, name: str) -> None:
    lines = "\n".join(json.dumps(feature(n, "MultiPolygon", [[RING]])) for n in ("A", "B"))
    extracted = read(tmp_path, name, lines)
    assert extracted.text.split("\n\n") == [
        f"type: Feature; properties.name: {n}; geometry.type: MultiPolygon; geometry.coordinates: (200 points)"
        for n in ("A", "B")
    ]
    assert extracted.notes == NOTES


def test_arcs_of_topologies_are_left_out(tmp_path: Path) -> None:
    source = {"type": "Topology", "name": "Bay", "arcs": [RING, RING]}
    assert read(tmp_path, "a.json", json.dumps(source)).text == (
        "type: Topology\nname: Bay\narcs: (400 points)"
    )


@pytest.mark.parametrize(
    "source",
    [
        feature("Path", "LineString", RING[:10]),
        {"type": "line", "coordinates": RING},
        {"type": ["Polygon"], "coordinates": RING},
        {"series": RING},
    ],
)
def test_few_points_and_other_numbers_stay(tmp_path: Path, source: dict[str, Any]) -> None:
    extracted = read(tmp_path, "a.json", json.dumps(source))
    assert f"{RING[9][0]}, {RING[9][1]}" in extracted.text
    assert extracted.notes == ()
