"""An explanation of moves as data: names of the file, exact numbers as text.

What stands here is what JSON has; reports round it for a person. A part of a radius is a
number: 1 is the end of the region.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.networks.moves.axes import Axis, Region
from verify.networks.moves.brackets import Bracket
from verify.networks.moves.explaining import SINGLES, Explanation
from verify.networks.records import describe_moves, write_number

DIRECTIONS = {True: "up", False: "down"}


def describe_explanation(found: Explanation, names: Sequence[str]) -> dict[str, object]:
    """The explanation; `names` are those of the query's inputs."""
    region = found.region
    told: dict[str, object] = {
        "semantics": "real",
        "varying": [
            {
                "input": names[index],
                "middle": write_number(region.middle[index]),
                "radius": write_number(region.radius[index]),
            }
            for index in region.varying
        ],
        "pinned": len(region.radius) - len(region.varying),
        "most": write_number(found.most),
        "together": _describe_bracket(found.together, region, names),
        "alone": [
            _name(one.axis, names) | _describe_bracket(one.bracket, region, names)
            for one in found.alone
        ],
        "alone_limit": SINGLES,
        "queries": found.queries,
        "seconds": found.seconds,
    }
    if found.enough is not None:
        enough = found.enough
        told["enough"] = {
            "axes": [_name(axis, names) for axis in enough.axes],
            "needed": [_name(axis, names) for axis in enough.needed],
            "within": write_number(enough.within),
            **_describe_bracket(enough.bracket, region, names),
        }
    return told


def _name(axis: Axis, names: Sequence[str]) -> dict[str, object]:
    return {"input": names[axis.input], "direction": DIRECTIONS[axis.up]}


def _describe_bracket(
    bracket: Bracket, region: Region, names: Sequence[str]
) -> dict[str, object]:
    """Ends that are not known are None."""
    moves = describe_moves(region, names, bracket.point) if bracket.point else ()
    return {
        "holds": None if bracket.holds is None else write_number(bracket.holds),
        "holds_trust": bracket.holds_trust,
        "broken": None if bracket.broken is None else write_number(bracket.broken),
        "broken_trust": bracket.broken_trust,
        "moves": list(moves),
        "reason": bracket.reason,
    }
