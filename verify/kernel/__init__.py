"""The trusted part: terms, certificates, and the one door `verify.kernel.check.check`.

Standard library only, exact numbers, no assertion, no recursion on input depth. A proof is
a list of steps; each step yields clauses that hold; the last is the empty clause. Below,
F is a formula in normal form, l a literal, t a term, ~ negation; a line is one clause.

    premise NAME, lemma NAME   F                         the fact of that name
    goal                       ~goal
    define F                   A and B:  ~F | A,  ~F | B,  F | ~A | ~B
                               A or B:  ~F | A | B,  F | ~A,  F | ~B
                               A implies B:  ~F | ~A | B,  F | A,  F | ~B
                               A iff B:  ~F | ~A | B,  ~F | A | ~B,  F | A | B,  F | ~A | ~B
    instance F t...            forall:  ~F | (t < 0)... | body[t...]
                               exists:   F | (t < 0)... | ~body[t...]
                               (the guards: only where an Int t stands for a Nat)
    witness F                  exists:  ~F | body[!id]      forall:  F | ~body[!id]
    witnesses F n              the same for n leading quantifiers, body[!id.1 ... !id.n]
    congruence f(a..) f(b..)   ~(a = b)... | f(a..) = f(b..)   (predicates: both directions)
    farkas l... q...           ~l...           where sum q*l is a false constant
    combine l... q...          ~l... | sum q*l >= 0 (or = 0), rounded over the integers
    product l... p... e...     ~l...           where sum of products of l, squares and
                                               multiples of equations is a false constant
    trichotomy a b             a = b | a < b | b < a
    natural t                  0 <= t                    t of sort Nat
    element t                  t = e1 | ... | t = en     t of a finite sort
    if t                       ~c | t = a,  c | t = b    t is `if c then a else b`
    divide t                   b = 0 | t*b = a           t is a / b
    induction F                ~P(0) | ~(forall n. P(n) implies P(n + 1)) | forall n: Nat. P
    network l... tree          ~l...           where the tree shows that rows l over networks
                                               cannot hold at once
    extremum N t u             N an infimum:   ~B(t) | B(u) | t <= N,  ~B(t) | B(N)
                               where B(t) says that t is a lower bound; a supremum likewise
    total N v...               ~v... | N = q   q is the sum that N is declared to be
    cases F v...               ~v... | F       F, over finitely many numbers, in each case
    fit data q r... v...       ~v... | B(q)    where dual vectors r show that no network of
                                               one hidden layer has a loss below q
    clause l... hints          l...            by unit propagation through the hinted steps

An integer split needs no rule: t <= k and t >= k + 1 are the two signs of one literal.
A model is a list of definitions, evaluated exactly. docs/certificates.md has the format.
"""
