"""How the weights of a model in this process are held, by the names that settings give it."""

from __future__ import annotations

from typing import Literal

DtypeName = Literal["auto", "float32", "bfloat16"]
Quantize = Literal["none", "int8", "nf4"]
DeviceMap = Literal["auto", "balanced", "sequential", "none"]
