"""`verify shift --check DIR`: evidence read back, with the question and the kernel alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from verify.cli.exits import Exit
from verify.cli.paths import Refusal, quoted
from verify.cli.screen import Screen
from verify.cli.shift_reading import Request
from verify.kernel.rejections import Rejected
from verify.reports.characters import escape
from verify.reports.lines import Line, Look, Span, line
from verify.reports.shift import render_checked, render_course
from verify.shift.archive import check_shift
from verify.shift.losses import SQUARED
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.evidence import check_points
from verify.shift.pointwise.worst import Around
from verify.shift.questions import Question
from verify.shift.rays.proving import Course


def tell_checked(
    request: Request, question: Question, around: Around | None, screen: Screen
) -> Exit:
    """Say what the evidence of a folder shows, or why it shows nothing.

    Raises Refusal for what cannot be read.
    """
    folder = Path(request.check)
    try:
        with screen.progress(f"checking {request.check}"):
            found = _check(folder, request.ball, question, around, screen.look)
    except (ShiftError, Rejected) as error:
        why = f" the evidence in {escape(request.check)} does not show it: "
        screen.write([line(Span("rejected", "refuted"), why, escape(str(error)))])
        return Exit.REFUTED
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal(f"Cannot read {quoted(request.check)}: {reason}.") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refusal(
            f"{quoted(request.check)} is no evidence that can be read "
            f"({type(error).__name__}); write it again with --evidence."
        ) from None
    head = line(Span("accepted", "proved"), f"  {escape(request.check)}")
    screen.write([head, *found])
    return Exit.AS_EXPECTED


def _check(
    folder: Path, ball: str, question: Question, around: Around | None, look: Look
) -> tuple[Line, ...]:
    if around is not None:
        asked = question.network, question.samples, question.loss
        points = check_points(folder, *asked, around)
        rows = [(Fraction(k), *pair) for k, pair in enumerate(points, 1)]
        return render_checked(rows, "data point", look)
    shown = check_shift(folder, question, ball)
    if isinstance(shown, Course):
        return (line("  ", render_course(shown, squared=question.loss == SQUARED)),)
    return render_checked(shown, "budget", look)
