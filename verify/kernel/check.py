"""The one door: `check(problem, evidence)` accepts, rejects or declines.

A proof is a refutation of the facts and the negated goal. Its steps are taken in order;
each adds clauses that its rule vouches for; a `clause` step follows from the steps it
names by unit propagation; the last step must be the empty clause. A model is evaluated
exactly. Everything is read from text, here, so that no object made elsewhere is believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.certificate import integers, read_certificate, strings
from verify.kernel.evaluate import check_model
from verify.kernel.networks import Meaning
from verify.kernel.normal import normal
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.quantities import meaning_of
from verify.kernel.rejections import Rejected, require
from verify.kernel.rules import read_rule, witnesses
from verify.kernel.steps import Step
from verify.kernel.terms import Locked, Sort, Symbol, Term, fill
from verify.kernel.text import make_term, read_tree, write_term

MAX_WORK: Final = 20_000_000


class Accepted(Locked):
    """What the kernel accepted. Only `check` makes one, and nothing changes it.

    `claim` is proved (facts entail the goal), refuted (a model satisfies the facts and
    not the goal) or consistent (a model satisfies the facts). `uses` names the facts the
    proof took; `rests_on` the premises and admitted statements underneath, through the
    lemmas whose theorems were supplied; `open` the lemmas whose theorems were not;
    `vocabulary` every sort, symbol and network declared on the way.
    """

    __slots__ = ("claim", "problem", "sha", "uses", "rests_on", "open", "vocabulary")
    claim: str
    problem: Problem
    sha: str
    uses: tuple[str, ...]
    rests_on: frozenset[tuple[str, str]]
    open: frozenset[str]
    vocabulary: frozenset[Sort | Symbol | Meaning]

    @property
    def statement(self) -> str:
        """The goal, printed from the kernel's own terms."""
        return write_term(self.problem.goal)


def check(problem: str, evidence: str, theorems: Iterable[Accepted] = ()) -> Accepted:
    """Accept `evidence` for the problem with this canonical text.

    `theorems` are accepted proofs of cited lemmas. Raises Rejected (where, expected, got)
    or Declined (a version or rule this kernel does not know).
    """
    if type(problem) is not str or type(evidence) is not str:
        raise Rejected(
            "texts", f"{type(problem).__name__} and {type(evidence).__name__}"
        )
    certificate = read_certificate(evidence)
    stated = read_problem(problem)
    if certificate.text != problem or certificate.sha != stated.sha():
        raise Rejected("a certificate for this problem", "one for another problem")
    if certificate.claim == "proved":
        uses = _check_proof(stated, certificate.lines)
    else:
        check_model(stated, certificate.lines, refuting=certificate.claim == "refuted")
        uses = ()
    accepted: Accepted = object.__new__(Accepted)
    fill(
        accepted,
        claim=certificate.claim,
        problem=stated,
        sha=certificate.sha,
        uses=uses,
    )
    fill(accepted, **_underneath(stated, uses, theorems))
    return accepted


def _underneath(
    problem: Problem, uses: tuple[str, ...], theorems: Iterable[Accepted]
) -> dict[str, frozenset[Any]]:
    """`rests_on`, `open` and `vocabulary` of a problem proved from these facts.

    Rejected when a lemma's theorem states something else, or means something else by a
    name: a sort or symbol is declared in one way throughout.
    """
    known = {}
    for theorem in theorems:
        proved = type(theorem) is Accepted and theorem.claim == "proved"
        require(proved, "accepted proofs as theorems", type(theorem).__name__)
        known[theorem.sha] = theorem
    rests_on: set[tuple[str, str]] = set()
    left: set[str] = set()
    words: set[Sort | Symbol | Meaning] = {*problem.sorts}
    words.update(scope_of(problem)[1].values())
    for network in problem.networks:
        words.update(network.meanings())
    words.update(map(meaning_of, problem.quantities))
    for fact in problem.facts:
        if fact.name not in uses:
            continue
        if fact.kind != "lemma":
            rests_on.add((fact.kind, write_term(fact.formula)))
        elif fact.proof not in known:
            left.add(fact.name)
        else:
            theorem = known[fact.proof]
            same = theorem.problem.goal == fact.formula
            require(same, f"the statement that {fact.proof[:12]} proves", fact.name)
            rests_on |= theorem.rests_on
            left |= theorem.open
            words |= theorem.vocabulary
    names = Counter((type(word), word.name) for word in words)
    twice = sorted(name for (_, name), count in names.items() if count > 1)
    require(not twice, "one declaration of each name", ", ".join(twice))
    return {
        "rests_on": frozenset(rests_on),
        "open": frozenset(left),
        "vocabulary": frozenset(words),
    }


class Proof:
    """The clauses derived so far, as signed numbers of normal atoms; 1 is `true`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.sorts, self.symbols = scope_of(problem)
        self.texts: dict[str, Term] = {}
        self.normals: dict[bytes, Term] = {}
        self.atoms: dict[Term, int] = {terms.TRUE: 1}
        self.clauses: dict[int, tuple[frozenset[int], ...]] = {}
        self.uses: dict[str, None] = {}
        self.last = 0
        self.work = 0

    def read(self, text: str) -> Term:
        """The closed term a step writes, over the problem's symbols and the witnesses."""
        if text not in self.texts:
            forms = read_tree(text)
            if len(forms) != 1:
                raise Rejected("one term", f"{len(forms)} terms")
            self.texts[text] = make_term(forms[0], self.sorts, self.symbols)
        return self.texts[text]

    def literal(self, formula: Term) -> int:
        """The number of a formula's normal atom, negative when the atom is negated."""
        term = normal(formula, self.normals)
        if term.sort != terms.BOOL:
            raise Rejected("a formula", f"a term of sort {term.sort}")
        negative = term.op in ("not", "false")
        atom = terms.make_not(term) if negative else term
        number = self.atoms.setdefault(atom, len(self.atoms) + 1)
        return -number if negative else number

    def take(self, record: dict[str, Any]) -> tuple[frozenset[int], ...]:
        """Check one step and keep its clauses, which are returned."""
        number, name = record.get("id"), str(record.get("rule"))
        try:
            rule = read_rule(record)
            if type(number) is not int or number <= self.last:
                raise Rejected(f"a step number above {self.last}", str(number))
            step = Step(number, record, self.problem, self.read, self.normals)
            if name == "clause":
                goal = tuple(map(self.read, strings(record["literals"])))
                self._propagate(frozenset(map(self.literal, goal)), record["hints"])
                found: Iterable[Iterable[Term]] = (goal,)
            else:
                found = rule.check(step)
            clauses = tuple(frozenset(map(self.literal, clause)) for clause in found)
            if name in ("premise", "lemma"):
                self.uses[record["name"]] = None
            if name in ("witness", "witnesses"):
                self.symbols.update((one.name, one) for one in witnesses(step))
            self._spend(1 + sum(map(len, clauses)))
        except Rejected as rejected:
            raise rejected.at(name, number if type(number) is int else 0) from None
        self.clauses[number] = clauses
        self.last = number
        return clauses

    def _spend(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise Rejected(f"a proof of at most {MAX_WORK} literals", "a larger one")

    def _propagate(self, goal: frozenset[int], hints: list[Any]) -> None:
        """Accept if the goal's negation and the hinted clauses conflict, in this order."""
        false = {-1, *goal}
        if any(-literal in false for literal in goal):
            return
        for hint in integers(hints):
            if hint not in self.clauses:
                raise Rejected("the number of an earlier step", str(hint))
            for clause in self.clauses[hint]:
                self._spend(len(clause))
                left = clause - false
                if not left:
                    return
                if len(left) == 1:
                    false.add(-next(iter(left)))
        raise Rejected("a conflict by unit propagation", "none from these hints")


def _check_proof(
    problem: Problem, lines: tuple[dict[str, Any], ...]
) -> tuple[str, ...]:
    """The names of the facts used; Rejected unless the last step is the empty clause."""
    proof = Proof(problem)
    for record in lines:
        proof.take(record)
    if (
        not lines
        or lines[-1]["rule"] != "clause"
        or proof.clauses[proof.last] != (frozenset(),)
    ):
        raise Rejected("the empty clause last", f"step {proof.last}")
    return tuple(proof.uses)
