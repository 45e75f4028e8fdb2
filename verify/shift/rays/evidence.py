"""Evidence on disk that a risk is unbounded: a ray, and the kernel's word for how it grows.

`ray.jsonl` shows that from some step on a data point's loss (the root of a squared one) is
at least a + s * step, and `risk.json` has the ray's numbers. Reading it back checks that
the ray stays in the region and that the loss is what grows. A point that may go anywhere
then has any loss; under transport within e, mass e / distance of it gains without bound if
the loss is squared.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Final

from verify.kernel.certificate import read_certificate
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.shift.losses import HINGE, L1, SQUARED
from verify.shift.masses.evidence import FORMAT, PAGE
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Question
from verify.shift.rays.finding import Ray, find_growing
from verify.shift.rays.proving import Course, make_problem, stays_inside

FILE: Final = "ray.jsonl"
ZERO: Final = Fraction(0)


def write_ray(folder: Path, question: Question, ball: str, ray: Ray) -> int:
    """Write the certificate and the page; how many certificates. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    course = ray.course
    page = {
        "format": FORMAT,
        "version": 1,
        "ball": ball,
        "loss": question.loss,
        "unbounded": {
            "sample": ray.sample,
            "direction": [str(x) for x in ray.direction],
            "output": ray.output,
            "sign": 1 if ray.growing.weights[ray.output] > 0 else -1,
            "begin": str(course.begin) if course else "",
            "constant": str(course.constant) if course else "",
            "slope": str(course.slope) if course else "",
            "file": FILE if course else "",
        },
    }
    if course is not None:
        (folder / FILE).write_text(course.text, encoding="utf-8")
    text = json.dumps(page, indent=1) + "\n"
    (folder / PAGE).write_text(text, encoding="utf-8")
    return int(course is not None)


def check_ray(folder: Path, question: Question, ball: str) -> Course:
    """How the loss grows on the ray of a folder, from the folder and the question alone.

    Raises ShiftError where the page does not show an unbounded risk, Rejected where the
    kernel does not accept the certificate, OSError and ValueError for what cannot be read.
    """
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    if (page["ball"], page["loss"]) != (ball, question.loss):
        raise ShiftError("the evidence is about another ball or loss")
    entry = page["unbounded"]
    sample, output, sign = entry["sample"], entry["output"], entry["sign"]
    growing_losses = (SQUARED,) if ball == "wasserstein" else (L1, SQUARED, HINGE)
    if question.loss not in growing_losses or ball not in ("wasserstein", "region"):
        raise ShiftError(f"the {question.loss} risk of {ball} has a bound")
    own = question.samples[sample]
    if not own.weight or sign not in (1, -1):
        raise ShiftError("the ray begins where there is no mass")
    if question.loss == HINGE and own.target[0] != -sign:
        raise ShiftError("the loss does not grow along the ray")
    direction = tuple(map(Fraction, entry["direction"]))
    if not stays_inside(question.region, own.point, direction):
        raise ShiftError("the ray leaves the region")
    begin, constant, slope = (
        Fraction(entry[n]) for n in ("begin", "constant", "slope")
    )
    text = (folder / Path(entry["file"]).name).read_text(encoding="utf-8")
    course = Course(begin, constant, slope, text)
    growing = find_growing(question, sample, output, sign)
    problem = make_problem(question.network, own.point, direction, growing, course)
    if read_certificate(text).text != problem.text():
        raise ShiftError("the certificate proves something else")
    if check(problem.text(), text).claim != "proved" or course.slope <= 0:
        raise Rejected("a proof that the loss grows", "something else")
    return course
