"""The command `verify`: wiring only.

Commands live in files of their own and import what they need when they run, so that
`verify --help` loads neither a solver nor a parser. Whatever goes wrong ends in one
sentence and an exit code of `exits.py`; a traceback is shown only on request.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from verify.cli.check import check
from verify.cli.circuits import circuits
from verify.cli.diff import diff
from verify.cli.doctor import doctor
from verify.cli.exits import MEANING, Exit
from verify.cli.explain import explain
from verify.cli.export import export
from verify.cli.history import history
from verify.cli.net import net
from verify.cli.paths import Refusal
from verify.cli.replay import replay
from verify.cli.run import run
from verify.cli.shift import shift
from verify.cli.stress import stress
from verify.cli.vnnlib import app as vnnlib
from verify.language.errors import ClaimError
from verify.reports.characters import escape

_CODES = "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in MEANING.items())

app = typer.Typer(
    name="verify",
    help="Check arguments about learned systems, step by step, with certificates."
    "\n\n\b\nExample:\n  verify check claims"
    f"\n\n\b\nExit codes:\n{_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    check,
    run,
    diff,
    stress,
    history,
    explain,
    replay,
    net,
    circuits,
    shift,
    export,
    doctor,
):
    app.command()(command)
app.add_typer(vnnlib)


def main() -> None:
    """Run the command line; ends the process with one of `Exit`."""
    # Matrices are small and processes many: threads of the BLAS library would only wait
    # for each other. It reads this when numpy is loaded, by some command or none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Refusal as refusal:
        print(f"verify: {refusal.sentence}", file=sys.stderr)
        sys.exit(refusal.code)
    except ClaimError as error:
        print(f"verify: {escape(str(error))}", file=sys.stderr)
        sys.exit(Exit.USAGE)
    except Exception as error:  # noqa: BLE001 -- the last resort, told as an alarm
        sys.exit(_alarm(error))


def _alarm(error: Exception) -> Exit:
    if os.environ.get("VERIFY_DEBUG") == "1":
        traceback.print_exc()
    name = type(error).__name__
    print(
        f"verify stopped on an internal error ({name}: {str(error)[:200]!a}). "
        "Believe nothing this run said; run it again with VERIFY_DEBUG=1 and report it.",
        file=sys.stderr,
    )
    return Exit.ALARM
