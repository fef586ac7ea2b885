"""An arm for `compare --arms hybrid,hybrid-short`: does the hybrid need all its passages?"""

from app.compare.plan.arms import Arm, Role

HYBRID_SHORT = Arm(
    "hybrid-short",
    "the hybrid, shown two passages",
    adapter="grounded",
    role=Role.SEARCHES,
    changes={"top_k": 2},
)
